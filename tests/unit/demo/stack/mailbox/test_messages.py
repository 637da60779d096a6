from email.message import EmailMessage
from pathlib import Path

import pytest
from daywatch_demo.stack.mailbox.messages import list_mails, read_mail

FIRST = "00000000000000000001-0000000a"
SECOND = "00000000000000000002-0000000b"
PIXEL = b"\x89PNG\r\n\x1a\n"


def _keep(folder: Path, mail_id: str, content: bytes) -> None:
    (folder / f"{mail_id}.eml").write_bytes(content)


def _message() -> EmailMessage:
    message = EmailMessage()
    message["Delivered-To"] = "night@example.com"
    message["From"] = "Daywatch <daywatch@example.com>"
    message["Subject"] = "Rot: flüge \N{SNOWFLAKE}"
    message["Date"] = "Sun, 10 Feb 2013 06:00:00 +0000"
    message.set_content("plain words")
    message.add_alternative('<p>rich <img src="cid:chart"></p>', subtype="html")
    html = message.get_payload()[1]
    html.add_related(PIXEL, "image", "png", cid="<chart>")
    return message


def test_the_newest_mail_comes_first(tmp_path: Path) -> None:
    _keep(tmp_path, FIRST, b"Subject: one\n\n")
    _keep(tmp_path, SECOND, b"Subject: two\n\n")

    assert [mail.subject for mail in list_mails(tmp_path, 10)] == ["two", "one"]
    assert [mail.subject for mail in list_mails(tmp_path, 1)] == ["two"]


def test_unfinished_files_are_not_mails(tmp_path: Path) -> None:
    (tmp_path / f".{FIRST}").write_bytes(b"Subject: half")
    (tmp_path / "notes.eml").write_bytes(b"Subject: not ours")

    assert list_mails(tmp_path, 10) == []


def test_a_mail_is_taken_apart(tmp_path: Path) -> None:
    _keep(tmp_path, FIRST, _message().as_bytes())

    mail = read_mail(tmp_path, FIRST)

    assert mail is not None
    assert mail.summary.subject == "Rot: flüge \N{SNOWFLAKE}"
    assert mail.summary.sender == "Daywatch <daywatch@example.com>"
    assert mail.summary.to == "night@example.com"
    assert (mail.text or "").strip() == "plain words"
    assert mail.source.startswith("Delivered-To: night@example.com")


def test_images_that_the_mail_carries_are_shown(tmp_path: Path) -> None:
    _keep(tmp_path, FIRST, _message().as_bytes())

    mail = read_mail(tmp_path, FIRST)

    assert mail is not None
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in (mail.html or "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?no-such-charset?q?x?=\n\nbody",
        b"Subject: =?utf-8?b?broken?=\nFrom: <<<@@@>\nTo: ,,,\nDate: never\n\n\xff",
        b"Content-Type: text/html; charset=no-such\n\n<p>\xe9",
        b"Content-Type: multipart/mixed; boundary=\n\n--",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n"
        b"Content-Transfer-Encoding: base64\n\n!!!\n--x--",
        b"Subject: a\n b\r\n\tc\n\n",
    ],
)
def test_a_broken_mail_is_shown_all_the_same(tmp_path: Path, content: bytes) -> None:
    _keep(tmp_path, FIRST, content)

    assert len(list_mails(tmp_path, 10)) == 1
    assert read_mail(tmp_path, FIRST) is not None


@pytest.mark.parametrize("mail_id", ["../credentials", "..%2Fcredentials", FIRST + "/../x", "", SECOND])
def test_an_id_that_is_none_reads_no_file(tmp_path: Path, mail_id: str) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    (tmp_path / "credentials.eml").write_bytes(b"secret")
    _keep(folder, FIRST, b"Subject: one\n\n")

    assert read_mail(folder, mail_id) is None

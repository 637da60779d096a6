import socket
from collections.abc import Iterator

import pytest
from daywatch_demo.stack import ports
from daywatch_demo.stack.ports import HOST, choose_ports, is_free


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_with_a_server_is_not_free(listening: int) -> None:
    assert not is_free(listening)


def test_a_port_is_free_again_when_its_server_is_gone() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

    assert is_free(port)


def test_a_port_is_chosen_for_every_name() -> None:
    chosen = choose_ports(["a", "b", "c"], {}, [])

    assert set(chosen) == {"a", "b", "c"}
    assert len(set(chosen.values())) == 3
    assert all(is_free(port) for port in chosen.values())


def test_remembered_ports_are_kept() -> None:
    first = choose_ports(["a", "b"], {}, [])

    assert choose_ports(["a", "b"], first, []) == first


def test_a_port_that_somebody_took_is_replaced(listening: int) -> None:
    kept = choose_ports(["b"], {}, [])["b"]

    chosen = choose_ports(["a", "b"], {"a": listening, "b": kept}, [])

    assert chosen["b"] == kept
    assert chosen["a"] not in (listening, kept)


def test_the_port_of_our_own_running_server_is_kept(listening: int) -> None:
    assert choose_ports(["a"], {"a": listening}, ["a"]) == {"a": listening}


def test_no_free_port_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda port: False)

    with pytest.raises(
        OSError, match=r"No 1 neighbouring free ports between 20000 and 32000 .* stop what listens"
    ):
        choose_ports(["a"], {}, [])

"""Messages to a topic of Amazon SNS, through the hook of Airflow's amazon provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daywatch.alerts.aws import aws_errors
from daywatch.errors import SetupError

if TYPE_CHECKING:
    from daywatch.alerts.message import Message
    from daywatch.config.deployment.deployment import Publish
    from daywatch.config.model.alerts import SnsReceiver

_LONGEST_SUBJECT = 99
"""Characters; SNS allows fewer than 100, all of them ASCII."""


def publish(message: Message, receiver: SnsReceiver, sns: Publish | None) -> None:
    """Publish a message to a topic.

    Args:
        message: The message.
        receiver: The topic and its connection.
        sns: Publishes through Airflow's hook; None outside Airflow.

    Raises:
        SetupError: There is no Airflow to ask, or AWS refuses for good.
        InfrastructureError: AWS did not answer, or refuses for now.
    """
    if sns is None:
        msg = f"The topic {receiver.topic} gets messages only from Airflow, whose amazon provider signs them."
        raise SetupError(msg)
    request = {
        "target_arn": receiver.topic,
        "subject": message.title.encode("ascii", "replace").decode()[:_LONGEST_SUBJECT],
        "message": f"{message.title}\n\n{message.body}",
        "message_attributes": {"model": message.model, "state": str(message.state)},
    }
    if receiver.topic.endswith(".fifo"):
        request |= {"message_group_id": message.model, "message_deduplication_id": message.key}
    check = f"Check the topic and the connection {receiver.connection!r}."
    with aws_errors("SNS", f"a message to {receiver.topic}", check):
        sns(receiver.connection, request)

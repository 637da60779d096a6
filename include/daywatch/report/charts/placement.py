"""Places for the texts of a chart: none covers another."""

from __future__ import annotations

from dataclasses import dataclass, field

_GAP = 3.0
"""Units between two texts next to each other."""


@dataclass(frozen=True)
class Box:
    """The room of a text or of a bar."""

    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        """Return whether two boxes share some room, or stand too close to be read apart."""
        return (
            self.left < other.right + _GAP
            and other.left < self.right + _GAP
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass
class Taken:
    """The boxes that are taken in a chart."""

    boxes: list[Box] = field(default_factory=list)

    def claim(self, box: Box) -> bool:
        """Take a box if it is free, and return whether it was."""
        if any(box.touches(other) for other in self.boxes):
            return False
        self.boxes.append(box)
        return True

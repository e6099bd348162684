"""What our servers have in common: a folder and a process of their own, from the start of a `with` block to its end."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from .processes import OwnProcess


class OwnServer(ABC):
    """Started at the beginning of a `with` block; stopped and deleted at its end."""

    folder: Path
    process: OwnProcess | None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def start(self) -> None:
        """Start it, and return when it answers. Does nothing if it runs."""

    @abstractmethod
    def close(self) -> None:
        """End it, and delete its folder. Can be called again."""

    def running(self) -> bool:
        return self.process is not None and self.process.running()

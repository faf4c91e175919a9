"""How a second start hands its wish to the first copy: over a local socket."""

from __future__ import annotations

import time

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from lumbre.frontends.gui.single import Wish

_ANSWER_MS = 2000
_AGAIN_S = 0.05


def hand_over(socket_name: str, wish: Wish) -> bool:
    """Give the wish to the first copy, which may be about to start listening; False when nobody answers."""
    socket = QLocalSocket()
    deadline = time.monotonic() + _ANSWER_MS / 1000
    socket.connectToServer(socket_name)
    while not socket.waitForConnected(_ANSWER_MS):
        if time.monotonic() > deadline:
            return False
        time.sleep(_AGAIN_S)
        socket.connectToServer(socket_name)
    socket.write(msgspec.json.encode(wish) + b"\n")
    taken = socket.waitForReadyRead(_ANSWER_MS)
    socket.disconnectFromServer()
    return taken


class FirstCopy(QObject):
    """Listens for later starts. Signals: wished(Wish)."""

    wished = Signal(object)

    def __init__(self, socket_name: str) -> None:
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        if not self._server.listen(socket_name):
            # A copy that was killed leaves its socket behind; nobody answered on it, so it can go.
            QLocalServer.removeServer(socket_name)
            self._server.listen(socket_name)

    def _greet(self) -> None:
        socket = self._server.nextPendingConnection()
        # Owned by this object and named by `sender()`: a closure over the socket would outlive it.
        socket.setParent(self)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._part)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket) or not socket.canReadLine():
            return
        try:
            wish = msgspec.json.decode(socket.readLine().data(), type=Wish)
        except msgspec.DecodeError:
            socket.abort()
            return
        socket.write(b"taken\n")
        socket.flush()
        self.wished.emit(wish)

    @Slot()
    def _part(self) -> None:
        self.sender().deleteLater()

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

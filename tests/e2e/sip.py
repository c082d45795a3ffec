"""SIP over UDP, as much as a test needs to place a call through a proxy."""

import socket

PACKAGES = "kamailio kamailio-json-modules kamailio-utils-modules kamailio-extra-modules sip-tester"


def answers_sip(port: int) -> bool:
    """Whether a proxy is there: it must refuse what has no hop left."""
    probe = request("OPTIONS", "probe", port).replace(b"Forwards: 70", b"Forwards: 0")
    return b"SIP/2.0 483" in exchange(port, probe, patience=0.05)


def request(method: str, caller: str, port: int, call: str = "probe") -> bytes:
    lines = [
        f"{method} sip:1000@127.0.0.1:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{{port}};branch=z9hG4bK{call}",
        f"From: <sip:{caller}@127.0.0.1>;tag=1",
        f"To: <sip:1000@127.0.0.1:{port}>",
        f"Call-ID: {call}",
        f"CSeq: 1 {method}",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def exchange(port: int, message: bytes, *, times: int = 1, patience: float = 3) -> bytes:
    """Sends a message `times` times over UDP; all that comes back, up to as many final answers."""
    received, finals = b"", 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(patience)
        own = str(phone.getsockname()[1]).encode()
        try:
            for _ in range(times):
                phone.sendto(message.replace(b"{port}", own), ("127.0.0.1", port))
                answered = b"SIP/2.0 1"
                while answered.startswith(b"SIP/2.0 1"):  # provisional: more follows
                    answered = phone.recv(4096)
                    received += answered
                finals += 1
        except OSError:
            pass
    return received

"""The remote shell that `rsync -e` starts: it hands rsync's two pipes and what is to run to `tunnel`.

Called as ``python -I -S rsh.py SOCKET HOST WORD…`` it needs nothing but the standard library, touches no
byte that travels, and ends with the exit code that it is told.
"""

import os
import socket
import sys


def main() -> int:
    """Hand over, then wait for the exit code; 255, as ssh's own, where none comes."""
    with socket.socket(fileno=int(sys.argv[1])) as line:
        # Joined as ssh does: rsync has quoted its words for the shell over there.
        socket.send_fds(line, [os.fsencode(" ".join(sys.argv[3:])) + b"\0"], [0, 1])
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1):  # rsync must see the end of its pipes when the other side closes them
            os.dup2(nowhere, number)
        code = line.recv(1)
    return code[0] if code else 255


if __name__ == "__main__":
    sys.exit(main())

"""What runs on the server before the agent does: a few lines of sh, then a few of Python."""

SUPPORTED = ("12", "13")

# $1 hash of the agent, $2 check or apply, $3 not empty: say ready, $4 seconds to wait for apt's locks.
# Refuses another OS before anything is changed, and installs python3 where there is none. That goes to a
# log and in a session of its own: a cut connection must not kill dpkg.
_SHELL = r"""
. /etc/os-release 2>/dev/null
say() { echo "{\"event\": \"$1\", \"resource\": \"python3\", \"why\": \"$2\"}"; }
case "${ID:-unknown} ${VERSION_ID:-}" in SUPPORTED) ;; *)
  say refused "this is ${ID:-unknown} ${VERSION_ID:-}; blogops knows Debian VERSIONS"; exit 3;; esac
[ -z "$3" ] || say ready ""
held() {
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock \
    /var/lib/apt/lists/lock /var/cache/apt/archives/lock
  do
    [ -e $lock ] || continue
    pid=$(awk -v node=":$(stat -c %i $lock)" \
      '$2 == "POSIX" && substr($6, length($6) - length(node) + 1) == node { print $5; exit }' /proc/locks)
    [ -z "$pid" ] && continue
    echo "$(tr '\0' ' ' </proc/$pid/cmdline | tr -d '"\\\n' | cut -c 1-60) (process $pid) holds $lock"
    return 0
  done
  return 1
}
if ! [ -x /usr/bin/python3 ]; then
  if [ "$2" = check ]; then say bare ""; exit 0; fi
  trap '' HUP PIPE
  seconds=0
  while why=$(held); do
    [ "$why" = "$told" ] || say waiting "$why; waiting for it to end"
    told=$why
    if [ $seconds -ge $4 ]; then
      say failed "$why for longer than $4 s. Wait for it to end; --lock-timeout SECONDS waits longer."; exit 4
    fi
    sleep 1; seconds=$((seconds + 1))
  done
  say doing "apt-get update, apt-get install python3"
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  mkdir -p -m 700 /var/lib/blogops
  apt="apt-get -q -y -o DPkg::Lock::Timeout=$4 -o Dpkg::Use-Pty=0"
  setsid -w sh -c "dpkg --configure -a; $apt update && $apt install --no-install-recommends python3" \
    </dev/null >/var/lib/blogops/python3.log 2>&1 || { tail -n 20 /var/lib/blogops/python3.log >&2; exit 1; }
  say changed installed
fi
exec /usr/bin/python3 -I -S -c "$0" "$1" "$2"
"""

# The agent is cached by its content hash, in a folder nobody else can write, and the very bytes that
# were checked are the ones that run: they are imported from memory, never from the file. What comes
# before the plan is passed over: a sudo that asks for no password leaves it unread. What comes after it
# ("stop") is handed on.
BOOT = r"""
import hashlib, os, sys
wanted, check = sys.argv[1], sys.argv[2] == "check"
home = "/var/lib/blogops" if os.geteuid() == 0 else os.path.expanduser("~/.cache/blogops")
path = os.path.join(home, "agent", wanted + ".pyz")
mark, unread, stop = b"blogops-plan ", b"", b""
def take(size=0):
    global unread
    while len(unread) < size or not size and b"\n" not in unread:
        data = os.read(0, 1 << 20)
        if not data: sys.exit("the connection was cut before all was here; nothing was changed")
        unread += data
    size = size or unread.index(b"\n") + 1
    taken, unread = unread[:size], unread[size:]
    return taken
plan = take()
while not plan.startswith(mark): plan = take()
try:
    with open(path, "rb") as file: code = file.read()
except OSError: code = b""
if hashlib.sha256(code).hexdigest() != wanted:
    print('{"event": "need", "key": "agent"}', flush=True)
    size = take()
    while size == b"stop\n": stop, size = size, take()
    code = take(int(size))
    if hashlib.sha256(code).hexdigest() != wanted: sys.exit("the agent was damaged on the way")
    if not check:
        for folder in (home, os.path.dirname(path)): os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(path + ".new", "wb") as file: file.write(code)
        os.replace(path + ".new", path)
memory = os.memfd_create("agent")
os.write(memory, code)
sys.path.insert(0, "/proc/self/fd/%d" % memory)
from agent.main import main
sys.exit(main(plan[len(mark):], stop + unread))
"""


def words(digest: str, *, check: bool, ready: bool, lock_timeout: int) -> list[str]:
    """Return the command that runs the agent of this *digest*."""
    pattern = "|".join(f'"debian {version}"' for version in SUPPORTED)
    script = _SHELL.replace("SUPPORTED", pattern).replace("VERSIONS", " and ".join(SUPPORTED))
    mode = "check" if check else "apply"
    return ["/bin/sh", "-c", script, BOOT, digest, mode, "ready" if ready else "", str(lock_timeout)]

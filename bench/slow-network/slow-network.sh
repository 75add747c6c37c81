#!/bin/sh
# Runs a command in a network of its own whose loopback takes MILLISECONDS each way: as if every two programs of the devnet were so far apart.
#
#   bench/slow-network/slow-network.sh 25 npm run bench:figures -- --only ColdDirectory
#
# Needs root and Debian's packages iproute2, and where the kernel has no netem: iptables, libnetfilter-queue-dev, libmnl-dev, gcc.
set -eu
[ $# -ge 2 ] || { sed -n '2,7p' "$0"; exit 2; }
delay=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
name=slow-$$
work=$(mktemp -d)
line=
end() {
  [ -z "$line" ] || kill "$line" 2>/dev/null || true
  ip netns del "$name" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

ip netns add "$name"
inside() { ip netns exec "$name" "$@"; }
inside ip link set lo up
# A browser that sees nothing but a loopback takes itself for offline.
inside ip link add up0 type veth peer name up1
inside ip addr add 192.0.2.1/24 dev up0
inside ip link set up0 up
inside ip link set up1 up

if inside tc qdisc add dev lo root netem delay "${delay}ms" 2>/dev/null; then
  echo "slow-network: $delay ms each way by netem" >&2
else
  gcc -O2 -o "$work/delay-line" "$here/delay-line.c" -lnetfilter_queue -lmnl
  : >"$work/out"
  mkfifo "$work/in"
  inside "$work/delay-line" "$delay" <"$work/in" >"$work/out" &
  line=$!
  # Open for as long as this runs.
  exec 9>"$work/in"
  until grep -q ready "$work/out"; do sleep 0.05; done
  # A packet that waits in the queue counts as one that has not left, and the kernel would hold small writes until it has.
  inside sh -c 'echo 0 >/proc/sys/net/ipv4/tcp_autocorking'
  # The chain's node is no hop from the servers that answer for it: such a server is one machine (devnet/plan.ts, CHAIN_ADDRESS).
  for side in -s -d; do inside iptables-legacy -A OUTPUT -o lo "$side" 127.0.3.1 -j ACCEPT; done
  for tables in iptables-legacy ip6tables-legacy; do inside "$tables" -A OUTPUT -o lo -j NFQUEUE --queue-num 0; done
  echo "slow-network: $delay ms each way by a queue of netfilter" >&2
fi
ip netns exec "$name" "$@"

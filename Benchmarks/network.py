"""Networks of this machine: a namespace for each rank, limited in rate and delay.

    rank's eth0, limited by tbf  ──  its port  ──  switch  ──  port of this machine, where mpirun is

The switch is a bridge of the kernel where nothing is delayed. Otherwise it is this file, run as a process that lets each frame
out a delay after it came in; kernels need not have netem. Frames keep what the kernel has noted about them, so that one of up
to 32 kB passes as a whole and with its checksum left to the receiver, as between network cards that cut and join packets
themselves.
"""
import collections
import os
import select
import socket
import subprocess
import sys
import time

ADDRESSES = "10.77.0.0/24"
SWITCH, HOST = "hone-switch", "hone-host"
SOL_PACKET, PACKET_VNET_HDR, ETH_P_ALL, SO_RCVBUFFORCE = 263, 15, 3, 33


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Network:
    """A switch with a namespace for each rank; rate in Mbit/s (0 for no limit), delay in ms for each way."""

    def __init__(self, ranks, rate=0, delay=0):
        self.names = [f"hone{number}" for number in range(ranks)]
        self.rate, self.delay, self.process = rate, delay, None

    def __enter__(self):
        run("ip", "netns", "add", SWITCH)
        self.inside = ["ip", "netns", "exec", SWITCH]
        run("ip", "link", "add", HOST, "type", "veth", "peer", "name", "port254", "netns", SWITCH)
        self.connect([], HOST, 254)
        for number, name in enumerate(self.names, start=1):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", f"port{number}", "netns", SWITCH)
            run("ip", "-n", name, "link", "set", "lo", "up")
            self.connect(["-n", name], "eth0", number)
            # What a cluster is told too: to send at once after a pause, and no control of congestion that paces itself.
            for setting in ("tcp_slow_start_after_idle=0", "tcp_congestion_control=reno"):
                run("ip", "netns", "exec", name, "sysctl", "-qw", f"net.ipv4.{setting}")
            if self.rate:
                burst = max(48, round(self.rate / 8))
                limit = ["rate", f"{self.rate}mbit", "burst", f"{burst}kb", "latency", "1s"]
                run("tc", "-n", name, "qdisc", "add", "dev", "eth0", "root", "tbf", *limit)
        if self.delay:
            ports = [f"port{number}" for number in [254, *range(1, len(self.names) + 1)]]
            words = [*self.inside, sys.executable, __file__, str(self.delay), *ports]
            self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
            self.process.stdout.readline()
        return self

    def connect(self, where, device, number):
        """Gives a device its addresses, and its port a place at the switch."""
        run("ip", *where, "link", "set", device, "address", f"02:00:00:00:00:{number:02x}", "gso_max_size", 32768)
        run("ip", *where, "addr", "add", f"10.77.0.{number}/24", "dev", device)
        run("ip", *where, "link", "set", device, "up")
        if not self.delay and device == HOST:
            run("ip", "-n", SWITCH, "link", "add", "bridge", "type", "bridge")
            run("ip", "-n", SWITCH, "link", "set", "bridge", "up")
        run("ip", "-n", SWITCH, "link", "set", f"port{number}", *([] if self.delay else ["master", "bridge"]), "up")

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        subprocess.run(["ip", "link", "del", HOST], capture_output=True)
        for name in [*self.names, SWITCH]:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def command(self, words):
        """mpirun, with each rank in its namespace and TCP as the only way between them."""
        # Ranks reach mpirun over the switch, too.
        os.environ |= {"PMIX_MCA_ptl_tcp_if_include": ADDRESSES, "PMIX_MCA_ptl_tcp_remote_connections": "1"}
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]
        command += ["--mca", "pml", "ob1", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", ADDRESSES]
        # With one connection, the leave to send waits behind what the other way has sent: half the rate.
        command += ["--mca", "btl_tcp_links", "2"]
        for number, name in enumerate(self.names):
            command += ([":"] if number else []) + ["-n", "1", "ip", "netns", "exec", name, *words]
        return command


def forward(delay, devices):
    """Passes frames on between devices, each to the one that it is for, after a delay in seconds."""
    ports = []
    for device in devices:
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        port.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        port.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
        port.setblocking(False)
        port.bind((device, ETH_P_ALL))
        ports.append(port)
    # Before ranks that compute, so that a frame leaves when its time has come.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("ready", flush=True)
    # Addresses end with the number that the device is called by.
    by_number = {int(device[4:]): port for device, port in zip(devices, ports)}
    waiting = collections.deque()
    while True:
        left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for port in select.select(ports, [], [], left)[0]:
            frame = port.recv(1 << 17)
            waiting.append((time.monotonic() + delay, port, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, source, frame = waiting.popleft()
            # Behind 10 bytes of notes the address; one of a single device begins with an even byte.
            target = by_number.get(frame[15]) if frame[10] == 2 else None
            for port in [target] if target else ports:
                if port is not source:
                    port.send(frame)


if __name__ == "__main__":
    forward(float(sys.argv[1]) / 1e3, sys.argv[2:])

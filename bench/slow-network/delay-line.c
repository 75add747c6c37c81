// Packets of netfilter's queue 0 as over a long line: what `tc qdisc ... netem delay ... loss ... rate` does, for kernels that are built without it.
//
//   delay-line MILLISECONDS [--loss PERCENT] [--rate MBIT] [--far CLIENT SITES FACTOR]
//
// Each pair of addresses and server's port is a line of its own, and each of its two directions: packets of one stay in order, and share its rate. What is between the address CLIENT
// and the network SITES (of 24 bits) goes over FACTOR lines. It ends with its standard input. Packets stay in the kernel; their first bytes come here.
// Built and started by slow-network.sh and bench/conditions/slow-path.ts.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUEUE 0
/** Of one line: 150 ms of a gigabit in packets of 1,500 bytes are 12,500; loopback is faster. */
#define MOST (1 << 16)
/** Two directions of every pair that a bench has. */
#define LINES 512
/** Of IP and TCP, to know the line by. */
#define HEAD 40
/** What waits for a line of limited rate: netem's own 1,000 packets. The rest is dropped, as by any router. */
#define BUFFER_BYTES (1000 * 1500)
/** Netlink drops what does not fit, which would be loss that nobody asked for. */
#define SOCKET_BYTES (256 << 20)

struct waiting {
  uint32_t id;
  int64_t due;
};

struct line {
  uint32_t from, to;
  uint16_t port;
  int lines;
  struct waiting *waiting;
  unsigned first, count;
  /** When its last packet has left. */
  int64_t busy_until;
};

static struct line lines[LINES];
static int known;
static int64_t delay_ns;
static double loss, bits_per_ns;
static uint32_t far_client, far_sites, far_mask;
static int far_lines = 1;

static struct mnl_socket *netlink;
static char verdicts[1 << 16];
static size_t verdicts_length;

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void demand(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "delay-line: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void flush_verdicts(void) {
  if (verdicts_length == 0) return;
  demand(mnl_socket_sendto(netlink, verdicts, verdicts_length) >= 0, "verdict");
  verdicts_length = 0;
}

static void verdict(uint32_t id, int what) {
  if (verdicts_length + 128 > sizeof verdicts) flush_verdicts();
  struct nlmsghdr *message = nfq_nlmsg_put(verdicts + verdicts_length, NFQNL_MSG_VERDICT, QUEUE);
  nfq_nlmsg_verdict_put(message, id, what);
  verdicts_length += NLMSG_ALIGN(message->nlmsg_len);
}

static int is_far(uint32_t a, uint32_t b) { return a == far_client && (b & far_mask) == far_sites; }

static struct line *line_of(const uint8_t *head, unsigned length) {
  uint32_t from = 0, to = 0;
  uint16_t port = 0;
  if (length >= 20 && head[0] >> 4 == 4) {
    memcpy(&from, head + 12, 4);
    memcpy(&to, head + 16, 4);
    const unsigned ip = (head[0] & 15) * 4;
    if (length >= ip + 4) {
      const uint16_t a = head[ip] << 8 | head[ip + 1], b = head[ip + 2] << 8 | head[ip + 3];
      // The server's: the other is a passing one, and higher.
      port = a < b ? a : b;
    }
  }
  for (int index = 0; index < known; index++)
    if (lines[index].from == from && lines[index].to == to && lines[index].port == port) return &lines[index];
  demand(known < LINES, "more lines than it can hold");
  struct line *line = &lines[known++];
  *line = (struct line){.from = from, .to = to, .port = port, .lines = 1};
  if (far_mask && (is_far(from, to) || is_far(to, from))) line->lines = far_lines;
  line->waiting = calloc(MOST, sizeof *line->waiting);
  demand(line->waiting != NULL, "memory");
  return line;
}

static int is_lost(int times) {
  for (; times > 0; times--)
    if (drand48() < loss) return 1;
  return 0;
}

static int take(const struct nlmsghdr *message, void *unused) {
  (void)unused;
  struct nlattr *fields[NFQA_MAX + 1] = {0};
  if (nfq_nlmsg_parse(message, fields) < 0 || fields[NFQA_PACKET_HDR] == NULL) return MNL_CB_OK;
  const struct nfqnl_msg_packet_hdr *header = mnl_attr_get_payload(fields[NFQA_PACKET_HDR]);
  const uint32_t id = ntohl(header->packet_id);
  struct nlattr *payload = fields[NFQA_PAYLOAD];
  const unsigned head = payload ? mnl_attr_get_payload_len(payload) : 0;
  // Said where the packet is longer than what was copied of it.
  const unsigned length = fields[NFQA_CAP_LEN] ? ntohl(mnl_attr_get_u32(fields[NFQA_CAP_LEN])) : head;
  struct line *line = line_of(payload ? mnl_attr_get_payload(payload) : NULL, head);
  const int64_t now = now_ns();
  const int64_t start = line->busy_until > now ? line->busy_until : now;
  const int is_over = line->count == MOST || (bits_per_ns > 0 && (start - now) * bits_per_ns / 8 > BUFFER_BYTES);
  if (is_over || (loss > 0 && is_lost(line->lines))) {
    verdict(id, NF_DROP);
    return MNL_CB_OK;
  }
  line->busy_until = bits_per_ns > 0 ? start + (int64_t)(length * 8 / bits_per_ns) : now;
  const int64_t due = line->busy_until + delay_ns * line->lines;
  line->waiting[(line->first + line->count++) % MOST] = (struct waiting){id, due};
  return MNL_CB_OK;
}

/** Lets go what is due. Returns how long until the next is, -1 for nothing. */
static int64_t let_go(void) {
  const int64_t now = now_ns();
  int64_t next = -1;
  for (struct line *line = lines; line < lines + known; line++) {
    for (; line->count > 0 && line->waiting[line->first].due <= now; line->first = (line->first + 1) % MOST, line->count--)
      verdict(line->waiting[line->first].id, NF_ACCEPT);
    if (line->count == 0) continue;
    const int64_t left = line->waiting[line->first].due - now;
    if (next < 0 || left < next) next = left;
  }
  flush_verdicts();
  return next;
}

static void usage(void) {
  fputs("delay-line MILLISECONDS [--loss PERCENT] [--rate MBIT] [--far CLIENT SITES FACTOR]\n", stderr);
  exit(2);
}

int main(int argc, char **argv) {
  delay_ns = argc >= 2 ? (int64_t)(atof(argv[1]) * 1e6) : 0;
  if (delay_ns <= 0) usage();
  for (int index = 2; index < argc;) {
    if (strcmp(argv[index], "--loss") == 0 && index + 1 < argc) {
      loss = atof(argv[index + 1]) / 100;
      index += 2;
    } else if (strcmp(argv[index], "--rate") == 0 && index + 1 < argc) {
      bits_per_ns = atof(argv[index + 1]) / 1000;
      index += 2;
    } else if (strcmp(argv[index], "--far") == 0 && index + 3 < argc) {
      far_mask = htonl(0xffffff00);
      if (inet_pton(AF_INET, argv[index + 1], &far_client) != 1 || inet_pton(AF_INET, argv[index + 2], &far_sites) != 1) usage();
      far_lines = atoi(argv[index + 3]);
      index += 4;
    } else {
      usage();
    }
  }
  // The same draws in every run.
  srand48(1);
  // A line does not wait for the programs at its ends; where that is not allowed it is less exact.
  sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
  netlink = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK);
  demand(netlink != NULL && mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) >= 0, "netfilter");
  int off = 1, size = SOCKET_BYTES;
  mnl_socket_setsockopt(netlink, NETLINK_NO_ENOBUFS, &off, sizeof off);
  setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  static char buffer[1 << 17];
  struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, QUEUE);
  nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
  demand(mnl_socket_sendto(netlink, message, message->nlmsg_len) >= 0, "bind");
  message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, QUEUE);
  nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_PACKET, HEAD);
  nfq_nlmsg_cfg_put_qmaxlen(message, MOST);
  if (loss == 0 && bits_per_ns == 0) {
    // Large segments of loopback as they are: nobody looks at single packets.
    mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
    mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
  }
  demand(mnl_socket_sendto(netlink, message, message->nlmsg_len) >= 0, "parameters");
  puts("ready");
  fflush(stdout);
  struct pollfd watched[] = {{mnl_socket_get_fd(netlink), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    const int64_t left = let_go();
    const struct timespec wait = {left / 1000000000, left % 1000000000};
    demand(ppoll(watched, 2, left < 0 ? NULL : &wait, NULL) >= 0 || errno == EINTR, "poll");
    char end;
    if (watched[1].revents != 0 && read(STDIN_FILENO, &end, 1) <= 0) return 0;
    if (watched[0].revents == 0) continue;
    ssize_t length;
    // Not all there is before what is due: under load there is always more.
    for (int most = 64; most > 0 && (length = mnl_socket_recvfrom(netlink, buffer, sizeof buffer)) > 0; most--)
      mnl_cb_run(buffer, length, 0, 0, take, NULL);
  }
}

// Holds each packet of netfilter's queue 0 for a fixed time, in the order in which they came: what `tc qdisc ... netem delay` does, for kernels that are built without it.
//
//   delay-line MILLISECONDS     ends with its standard input
//
// Packets stay in the kernel; only their numbers come here. Built and started by slow-network.sh.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE 0
/** 25 ms of a gigabit in packets of 1 kB are 3,000; loopback is faster. */
#define MOST (1 << 16)

struct waiting {
  uint32_t id;
  int64_t due;
};

static struct waiting line[MOST];
static unsigned first, count;
static int64_t delay_ns;

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int take(const struct nlmsghdr *message, void *unused) {
  (void)unused;
  struct nlattr *fields[NFQA_MAX + 1] = {0};
  if (nfq_nlmsg_parse(message, fields) < 0 || fields[NFQA_PACKET_HDR] == NULL) return MNL_CB_OK;
  if (count == MOST) {
    fputs("delay-line: more packets than it can hold\n", stderr);
    exit(1);
  }
  const struct nfqnl_msg_packet_hdr *header = mnl_attr_get_payload(fields[NFQA_PACKET_HDR]);
  line[(first + count++) % MOST] = (struct waiting){ntohl(header->packet_id), now_ns() + delay_ns};
  return MNL_CB_OK;
}

static void demand(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "delay-line: %s: %s\n", what, strerror(errno));
  exit(1);
}

int main(int argc, char **argv) {
  delay_ns = argc == 2 ? (int64_t)(atof(argv[1]) * 1e6) : 0;
  if (delay_ns <= 0) {
    fputs("delay-line MILLISECONDS\n", stderr);
    return 2;
  }
  struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK);
  demand(socket != NULL && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) >= 0, "netfilter");
  int off = 1;
  mnl_socket_setsockopt(socket, NETLINK_NO_ENOBUFS, &off, sizeof off);
  char buffer[1 << 17];
  struct nlmsghdr *message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, QUEUE);
  nfq_nlmsg_cfg_put_cmd(message, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
  demand(mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0, "bind");
  message = nfq_nlmsg_put(buffer, NFQNL_MSG_CONFIG, QUEUE);
  nfq_nlmsg_cfg_put_params(message, NFQNL_COPY_META, 0);
  nfq_nlmsg_cfg_put_qmaxlen(message, MOST);
  // Large segments of loopback as they are.
  mnl_attr_put_u32(message, NFQA_CFG_FLAGS, htonl(NFQA_CFG_F_GSO));
  mnl_attr_put_u32(message, NFQA_CFG_MASK, htonl(NFQA_CFG_F_GSO));
  demand(mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0, "parameters");
  puts("ready");
  fflush(stdout);
  struct pollfd watched[] = {{mnl_socket_get_fd(socket), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    const int64_t left = count == 0 ? -1 : line[first].due - now_ns();
    const struct timespec wait = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
    demand(ppoll(watched, 2, count == 0 ? NULL : &wait, NULL) >= 0 || errno == EINTR, "poll");
    char end;
    if (watched[1].revents != 0 && read(STDIN_FILENO, &end, 1) <= 0) return 0;
    if (watched[0].revents != 0) {
      ssize_t length;
      while ((length = mnl_socket_recvfrom(socket, buffer, sizeof buffer)) > 0)
        mnl_cb_run(buffer, length, 0, 0, take, NULL);
    }
    uint32_t last = 0;
    int due = 0;
    for (const int64_t now = now_ns(); count > 0 && line[first].due <= now; first = (first + 1) % MOST, count--) {
      last = line[first].id;
      due = 1;
    }
    if (!due) continue;
    // One word for all up to this number.
    message = nfq_nlmsg_put(buffer, NFQNL_MSG_VERDICT_BATCH, QUEUE);
    nfq_nlmsg_verdict_put(message, last, NF_ACCEPT);
    demand(mnl_socket_sendto(socket, message, message->nlmsg_len) >= 0, "verdict");
  }
}

/* The C client of Mosquitto, single-threaded: publish or receive, as the harness asks. */
#include <mosquitto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char *const TOPIC = "bench/hall/temperature";
static long messages, warmup, in_flight, done;
static int qos, publishing, connected, subscribed;
static double started, started_cpu;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void start(void) {
  started = now();
  started_cpu = cpu();
}

static void report(void) {
  double seconds = now() - started;
  printf("{\"rate\":%f,\"cost\":%f,\"cpu\":%f}\n", (double)messages / seconds, seconds * 1e9 / (double)messages,
         (cpu() - started_cpu) * 1e6 / (double)messages);
  exit(0);
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void on_connect(struct mosquitto *client, void *data, int code) {
  (void)client;
  (void)data;
  if (code != 0) fail("the peer refused");
  connected = 1;
}

static void on_subscribe(struct mosquitto *client, void *data, int id, int count, const int *granted) {
  (void)client;
  (void)data;
  (void)id;
  (void)count;
  (void)granted;
  subscribed = 1;
}

static void on_publish(struct mosquitto *client, void *data, int id) {
  (void)client;
  (void)data;
  (void)id;
  done++;
}

static void on_message(struct mosquitto *client, void *data, const struct mosquitto_message *message) {
  (void)client;
  (void)data;
  (void)message;
  done++;
  if (done == warmup) start();
  if (done == warmup + messages) report();
}

static void turn(struct mosquitto *client, int timeout) {
  if (mosquitto_loop(client, timeout, 1000) != MOSQ_ERR_SUCCESS) fail("the connection was lost");
}

static void publish(struct mosquitto *client, long count, const char *payload, int size) {
  done = 0;
  for (long sent = 0; done < count;) {
    while (sent < count && sent - done < in_flight) {
      if (mosquitto_publish(client, NULL, TOPIC, size, payload, qos, false) != MOSQ_ERR_SUCCESS) fail("publish failed");
      sent++;
    }
    turn(client, qos == 0 ? 0 : 1000);
  }
  /* The peer has everything once it has acknowledged what came last. */
  long before = done;
  if (mosquitto_publish(client, NULL, TOPIC, size, payload, 1, false) != MOSQ_ERR_SUCCESS) fail("publish failed");
  while (done == before) turn(client, 1000);
}

int main(int count, char **arguments) {
  if (count < 9) fail("usage: host port scenario qos payload in-flight messages warmup");
  publishing = strcmp(arguments[3], "publish") == 0;
  qos = atoi(arguments[4]);
  int size = atoi(arguments[5]);
  in_flight = atol(arguments[6]);
  messages = atol(arguments[7]);
  warmup = atol(arguments[8]);
  char *payload = malloc((size_t)size + 1);
  memset(payload, 'x', (size_t)size);

  mosquitto_lib_init();
  struct mosquitto *client = mosquitto_new(NULL, true, NULL);
  mosquitto_connect_callback_set(client, on_connect);
  mosquitto_subscribe_callback_set(client, on_subscribe);
  mosquitto_publish_callback_set(client, on_publish);
  mosquitto_message_callback_set(client, on_message);
  mosquitto_max_inflight_messages_set(client, (unsigned)in_flight);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  if (mosquitto_connect(client, arguments[1], atoi(arguments[2]), 60) != MOSQ_ERR_SUCCESS) fail("no connection");
  while (!connected) turn(client, 1000);

  if (publishing) {
    publish(client, warmup, payload, size);
    start();
    publish(client, messages, payload, size);
    report();
  }
  mosquitto_subscribe(client, NULL, TOPIC, qos);
  for (;;) turn(client, 1000);
}

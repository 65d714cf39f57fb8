/* The four loads, and the figures that each of them prints. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "load.h"

/* What is counted between two moments: the first tenth is not, because it begins all at once. */
static double begin, end, cpu_before, cpu_after;
static bool counting;

static void plan(double seconds)
{
    begin = now() + seconds / 10;
    end = begin + seconds;
    counting = false;
}

/* Whether to go on: until the end, and until something was counted. */
static bool running(double moment, double counted)
{
    if (!counting && moment >= begin) {
        counting = true;
        end += moment - begin;
        begin = moment;
        cpu_before = server_cpu();
    }
    if (moment < end || counted == 0) return true;
    end = moment;
    cpu_after = server_cpu();
    return false;
}

static void figure(const char *name, double value)
{
    printf("%s %.6g\n", name, value);
}

static float *latencies;
static size_t latency_count, latency_room;

static void note_latency(double seconds)
{
    if (latency_count == latency_room) {
        latency_room = latency_room == 0 ? 1 << 16 : 2 * latency_room;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (latencies == NULL) fail("no memory for the latencies");
    }
    latencies[latency_count++] = (float)(seconds * 1e6);
}

static int by_size(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

/*
 * Everybody sends one message, a hundred at a time so that they fit into the server's queue. A server for one client at a
 * time answers the first only: go on when nothing happens. Returns how many were answered.
 */
static int first_messages(size_t bytes)
{
    int answered = 0;
    for (int i = 0; i < count; i++) {
        open_connection(&connections[i], bytes);
        if (i % 100 != 99 && i != count - 1) continue;
        int ready = 1;
        while (answered <= i && ready > 0) {
            ready = wait_events(0.5);
            for (int k = 0; k < ready; k++)
                if (complete(serve(&events[k]))) answered++;
        }
    }
    return answered;
}

static void send_next(struct connection *c, size_t bytes, double moment)
{
    c->goal += bytes;
    c->since = moment;
    push(c);
}

/* Whoever has an answer sends the next message, until the time is over. Returns when. */
static double go_on_talking(size_t bytes)
{
    double moment = now();
    while (running(moment, (double)latency_count)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (!complete(c)) continue;
            moment = now();
            if (counting) note_latency(moment - c->since);
            send_next(c, bytes, moment);
        }
    }
    return moment;
}

static void talk_figures(size_t messages)
{
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    figure("messages_s", (double)messages / (end - begin));
    figure("p50_us", latencies[latency_count / 2]);
    figure("p99_us", latencies[latency_count * 99 / 100]);
    figure("max_us", latencies[latency_count - 1]);
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)messages);
}

void talk(long talking, long silent, size_t bytes, double seconds)
{
    make_connections(talking + silent);
    double user = user_memory(), kernel = kernel_memory();
    int answered = first_messages(bytes);
    user = user_memory() - user;
    kernel = kernel_memory() - kernel;

    plan(seconds);
    for (int i = 0; i < talking; i++) {
        connections[i].since = now();
        if (complete(&connections[i])) send_next(&connections[i], bytes, now());
    }
    double moment = go_on_talking(bytes);
    size_t messages = latency_count;
    /* Those who have had no answer at all have waited until now. */
    for (int i = 0; i < talking; i++)
        if (connections[i].received == 0) note_latency(moment - connections[i].since);
    finish();
    talk_figures(messages);
    figure("served", answered);
    figure("user_kib", user / count);
    figure("kernel_kib", kernel / count);
}

void connect_many(long in_flight, double seconds)
{
    make_connections(in_flight);
    long done = 0;
    plan(seconds);
    for (int i = 0; i < count; i++) open_connection(&connections[i], MESSAGE);
    double moment = now();
    while (running(moment, (double)done)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = serve(&events[i]);
            if (c->sock != -1 && complete(c) && !c->half_closed) half_close(c);
            if (c->sock != -1) continue;
            if (counting) done++;
            open_connection(c, MESSAGE);
        }
        moment = now();
    }
    finish();
    figure("connections_s", (double)done / (end - begin));
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)done);
}

void bulk(long number, double seconds)
{
    make_connections(number);
    for (int i = 0; i < count; i++) open_connection(&connections[i], (size_t)1 << 62);
    double bytes = 0;
    plan(seconds);
    while (running(now(), bytes)) {
        int ready = need_events();
        for (int i = 0; i < ready; i++) {
            struct connection *c = events[i].data.ptr;
            size_t before = c->received;
            serve(&events[i]);
            if (counting) bytes += (double)(c->received - before);
        }
    }
    for (int i = 0; i < count; i++) {
        connections[i].goal = connections[i].sent;
        push(&connections[i]);
    }
    finish();
    figure("gb_s", bytes / 1e9 / (end - begin));
    figure("cpu_ms", (cpu_after - cpu_before) * 1e3 / (bytes / 1e9));
}

void pair(double seconds)
{
    struct connection c = {.sock = dial()};
    struct timeval limit = {.tv_sec = (time_t)patience,
                            .tv_usec = (suseconds_t)(patience * 1e6) % 1000000};
    if (setsockopt(c.sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == -1)
        fail_call("setsockopt");
    long messages = 0;
    plan(seconds);
    while (running(now(), (double)messages)) {
        char back[2 * MESSAGE];
        if (send(c.sock, bytes_at(c.sent), MESSAGE, MSG_NOSIGNAL) != MESSAGE)
            lose("send", strerror(errno));
        c.sent += MESSAGE;
        while (c.received < c.sent) {
            ssize_t received = recv(c.sock, back, sizeof back, 0);
            if (received == -1 && errno == EAGAIN)
                fail("nothing came back for %g s: %zu bytes are missing", patience,
                     c.sent - c.received);
            if (received == -1) lose("recv", strerror(errno));
            if (received == 0) lose("the server closed the connection", "too early");
            compare(&c, back, (size_t)received);
        }
        if (counting) messages++;
    }
    figure("messages_s", (double)messages / (end - begin));
    figure("cpu_us", (cpu_after - cpu_before) * 1e6 / (double)messages);
}

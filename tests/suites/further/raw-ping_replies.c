/* further/raw-ping: replies, those of others, and those that get lost. */
#include <string.h>

#include "harness.h"
#include "raw-ping.h"
#include "suites.h"

TEST(the_kernel_answers_three_requests)
{
    if (skip_raw_network()) return;
    use_kind(_i);
    struct program *ping = start((struct run){.program = "ping"});
    wait_identifier(ping, _i);
    for (int i = 1; i <= 3; i++) expect_reply(ping, i, 64); /* ip(7): the default TTL */
    expect_text(wait_line(ping, ""), "3 sent, 3 came back");
    expect_exit(ping, 0);
}

static void answer_with_another_ttl(int sock, const struct message *request, int number)
{
    struct message reply = reply_to(*request);
    send_message(sock, &reply, 40 + number);
}

/* All raw sockets get each message: one is for the answers, one for a look at the requests. */
TEST(each_request_is_an_icmp_echo_with_a_right_checksum)
{
    if (skip_raw_network()) return;
    int seen = own_replier("127.0.0.1");
    answer_pings(own_replier("127.0.0.1"), answer_with_another_ttl);
    use_kind(_i);
    struct program *ping = start_ping("2", NULL);
    int id = wait_identifier(ping, _i);
    for (int i = 1; i <= 2; i++) {
        struct message request = take_request(seen);
        expect(request.bytes[1] == 0, "expected code 0, saw %d", request.bytes[1]);
        expect(sum_of(&request) == 0, "expected a right checksum");
        expect(request.bytes[4] * 256 + request.bytes[5] == id, "expected identifier %d", id);
        expect(request.bytes[6] * 256 + request.bytes[7] == i, "expected number %d", i);
        expect_reply(ping, i, 40 + i);
    }
    expect_exit(ping, 0);
}

static int other; /* a socket at another address */

/* Everything that a raw socket may get and that is not the reply: each comes with another TTL than the right one. */
static void send_strange(int sock, struct message request)
{
    static const size_t places[] = {0, 1, 4, 5, 6, 7, 20, 63}; /* type, code, id, number, data */
    struct message reply = reply_to(request), strange;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        strange = reply;
        strange.bytes[places[i]]++;
        seal(&strange);
        send_message(sock, &strange, 11);
    }
    strange = reply;
    strange.bytes[2] ^= 1; /* the checksum */
    send_message(sock, &strange, 11);
    strange = reply;
    strange.length = HEADER;
    seal(&strange);
    send_message(sock, &strange, 11);
    strange = reply;
    memset(strange.bytes + strange.length, 0, 2);
    strange.length += 2;
    seal(&strange);
    send_message(sock, &strange, 11);
    send_message(sock, &request, 11);
    send_message(other, &reply, 11); /* from another address */
}

static void answer_after_strange_ones(int sock, const struct message *request, int number)
{
    struct message reply = reply_to(*request);
    (void)number;
    send_strange(sock, *request);
    send_message(sock, &reply, 77);
}

TEST(messages_for_others_are_ignored)
{
    if (skip_raw_network()) return;
    other = own_replier("127.0.0.2");
    answer_pings(own_replier("127.0.0.1"), answer_after_strange_ones);
    use_kind(_i);
    struct program *ping = start_ping("1", NULL);
    expect_reply(ping, 1, 77);
    expect_text(wait_line(ping, ""), "1 sent, 1 came back");
    expect_exit(ping, 0);
}

TEST(two_at_once_each_get_their_own_replies)
{
    if (skip_raw_network()) return;
    struct program *one = start_ping("2", NULL), *two = start_ping("2", NULL);
    expect(wait_identifier(one, 0) != wait_identifier(two, 0), "expected two identifiers");
    expect_exit(one, 0);
    expect_exit(two, 0);
    expect_text(wait_line(one, "2 sent, "), "2 came back");
    expect_text(wait_line(two, "2 sent, "), "2 came back");
}

static void answer_the_first_one_late(int sock, const struct message *request, int number)
{
    static struct message first;
    struct message reply = reply_to(*request);
    if (number == 1) first = reply;
    if (number == 1) return;
    send_message(sock, &first, 11);
    send_message(sock, &reply, 77);
}

TEST(a_lost_reply_is_told_and_a_late_one_is_not_taken_for_the_next)
{
    if (skip_raw_network()) return;
    answer_pings(own_replier("127.0.0.1"), answer_the_first_one_late);
    struct program *ping = start_ping("2", NULL);
    expect_text(wait_line(ping, "no reply"), " to 1");
    expect_reply(ping, 2, 77);
    expect_text(wait_line(ping, ""), "2 sent, 1 came back");
    expect_exit(ping, 0);
}

TEST(without_any_reply_it_exits_1_whatever_else_comes)
{
    if (skip_raw_network()) return;
    int replier = own_replier("127.0.0.1");
    other = own_replier("127.0.0.2");
    double begun = now();
    struct program *ping = start_ping("1", NULL);
    struct message request = take_request(replier);
    const char *output;
    while (output_of(ping, &output), strstr(output, "no reply") == NULL) {
        expect(now() - begun < at_most(1), "expected it to give up although others get replies");
        send_strange(replier, request);
        look_again_soon();
    }
    expect(now() - begun > 0.9, "expected it to wait a second");
    expect_text(wait_line(ping, "no reply"), " to 1");
    expect_text(wait_line(ping, ""), "1 sent, 0 came back");
    expect_exit(ping, 1);
}

void add_ping_replies(TCase *replies)
{
    tcase_add_loop_test(replies, the_kernel_answers_three_requests, 0, 2);
    tcase_add_loop_test(replies, each_request_is_an_icmp_echo_with_a_right_checksum, 0, 2);
    tcase_add_loop_test(replies, messages_for_others_are_ignored, 0, 2);
    tcase_add_test(replies, two_at_once_each_get_their_own_replies);
}

void add_ping_loss(TCase *loss)
{
    tcase_add_test(loss, a_lost_reply_is_told_and_a_late_one_is_not_taken_for_the_next);
    tcase_add_test(loss, without_any_reply_it_exits_1_whatever_else_comes);
}

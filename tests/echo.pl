#!/usr/bin/perl
# Lesson 06's server in another language: make check LESSON=06 SERVER='perl tests/echo.pl' takes any command.
use strict;
use warnings;
use Errno qw(EINTR);
use POSIX ();
use Socket;

$SIG{PIPE} = 'IGNORE';
$| = 1;

sub usage {
    my ($value, $wanted) = @_;
    print STDERR "usage: echo.pl [ADDRESS [PORT]]\n'$value': $wanted\n";
    exit 2;
}

sub fail {
    print STDERR "$_[0]: $!\n";
    exit 1;
}

usage($ARGV[2], 'one argument too many') if @ARGV > 2;
my $address = $ARGV[0] // '127.0.0.1';
my $port = $ARGV[1] // '5000';
usage($port, 'PORT must be a number from 0 to 65535') unless $port =~ /\A[0-9]{1,5}\z/ && $port <= 65535;
usage($address, 'ADDRESS must be a numeric IPv4 address')
    unless $address =~ /\A(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\z/ && !grep { $_ > 255 } split /\./, $address;

socket(my $listener, PF_INET, SOCK_STREAM, 0) or fail 'socket';
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or fail 'setsockopt';
bind($listener, sockaddr_in($port, inet_aton $address)) or fail 'bind';
listen($listener, SOMAXCONN) or fail 'listen';
my $local = getsockname($listener) or fail 'getsockname';
my ($local_port, $local_address) = sockaddr_in $local;
print 'listening on ', inet_ntoa($local_address), ":$local_port\n";

my ($client, $peer);
until ($peer = accept($client, $listener)) {
    fail 'accept' unless $! == EINTR;
}
my ($peer_port, $peer_address) = sockaddr_in $peer;
print 'connection from ', inet_ntoa($peer_address), ":$peer_port\n";

while (1) {
    my $received = recv($client, my $bytes, 65536, 0);
    next if !defined $received && $! == EINTR;
    fail 'recv' unless defined $received;
    last if $bytes eq '';
    while ($bytes ne '') {
        my $sent = send($client, $bytes, 0);
        next if !defined $sent && $! == EINTR;
        fail 'send' unless defined $sent;
        substr($bytes, 0, $sent) = '';
    }
}
close($client) or fail 'close';
close($listener) or fail 'close';
POSIX::_exit 0; # a stdout that cannot be written is no failure of the server

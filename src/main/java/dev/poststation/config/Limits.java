package dev.poststation.config;

import java.time.Duration;

/// `limits`: everything that a peer can make grow.
///
/// @param sessions connections from clients in all
/// @param sessionsPerClient connections from one address
/// @param messageSize octets of one mail
/// @param recipients recipients of one mail
/// @param commandLine octets of a command line, CRLF included
/// @param headerSize octets of the header of a mail
/// @param hops Received fields in a mail (RFC 5321 6.3)
/// @param errors commands refused in one session before it is closed
/// @param idleCommands commands without mail in a row (NOOP, RSET, VRFY …) before the session is closed
/// @param mailsPerSession mails in one session
/// @param commandTimeout how long we wait for a command (RFC 5321 4.5.3.2.7)
/// @param dataTimeout how long we wait for the next octets of a mail
/// @param transactionTime how long one mail may take from MAIL to the final dot
/// @param sessionTime how long a session may last
/// @param tlsTimeout how long a handshake may take
/// @param replyLine octets of one reply line of a next hop
/// @param replyLines lines of one reply of a next hop
/// @param activeMails mails in memory: being routed, ready, in flight
/// @param activeRecipients recipients of those
/// @param bodyMemory octets of content kept in memory until first delivered
/// @param shutdownGrace how long a shutdown waits for transactions and attempts
public record Limits(
    int sessions,
    int sessionsPerClient,
    long messageSize,
    int recipients,
    int commandLine,
    int headerSize,
    int hops,
    int errors,
    int idleCommands,
    int mailsPerSession,
    Duration commandTimeout,
    Duration dataTimeout,
    Duration transactionTime,
    Duration sessionTime,
    Duration tlsTimeout,
    int replyLine,
    int replyLines,
    int activeMails,
    int activeRecipients,
    long bodyMemory,
    Duration shutdownGrace) {}

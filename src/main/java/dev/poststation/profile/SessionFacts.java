package dev.poststation.profile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a session shows before the content of a mail comes. Immutable.
///
/// @param hello what was said in EHLO or HELO
/// @param extended whether it was EHLO
/// @param opening the verbs before the first mail, in their order
/// @param spelling of verbs, in capital letters or not, as they came
/// @param untilHello from our banner to the first command; null: not known
/// @param hardware the hardware address; null: not known
/// @param tls the fingerprint of its TLS client, or the protocol where there is none; null: in
///   clear
/// @param login the mechanism; null: it did not log in
/// @param parameters what MAIL said besides the sender
/// @param sender who stands in MAIL FROM, in brackets or not
public record SessionFacts(
    String hello,
    boolean extended,
    String opening,
    String spelling,
    @Nullable Duration untilHello,
    @Nullable String hardware,
    @Nullable String tls,
    @Nullable String login,
    String parameters,
    String sender) {}

package dev.poststation.policy;

import dev.poststation.config.Rate;

/// How much of a rate a client, or a sender, has used. Immutable.
///
/// @param limit the key of the setting: `sender-rate`
/// @param used what has not grown back yet
public record RateUse(String limit, Rate rate, long used) {}

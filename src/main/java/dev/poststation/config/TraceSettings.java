package dev.poststation.config;

import java.time.Duration;

/// `trace`: how long each mail can be explained.
///
/// @param keep how long
/// @param sizeMax octets on disk at most; the oldest go first
/// @param dialogue whether the dialogue of each attempt is kept, not only its outcome
public record TraceSettings(Duration keep, long sizeMax, boolean dialogue) {}

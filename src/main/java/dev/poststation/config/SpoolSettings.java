package dev.poststation.config;

/// `spool`.
///
/// @param reserve octets that stay free on the disk: below, no new mail is accepted
/// @param sizeMax octets that the spool may occupy; above, no new mail is accepted
/// @param memory octets that the engine may use for buffers and cache
public record SpoolSettings(long reserve, long sizeMax, long memory) {}

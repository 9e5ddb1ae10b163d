package dev.poststation.config;

/// `bounces`: notices to senders.
///
/// @param returnFull whether a bounce returns the whole message where the sender did not say
/// @param returnSizeMax octets of the original that a notice returns at most; above: headers only
/// @param perHour notices that leave in an hour at most; more of them wait
public record BounceSettings(boolean returnFull, long returnSizeMax, int perHour) {}

package dev.poststation.config;

import java.net.InetSocketAddress;

/// `admin`: the HTTP API and metrics.
public record AdminSettings(InetSocketAddress bind) {}

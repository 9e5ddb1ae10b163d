package dev.poststation.config;

import java.nio.file.Path;

/// A certificate chain and its key, PEM: an entry of `certificates`.
public record CertificateFiles(Path chain, Path key, Origin origin) {}

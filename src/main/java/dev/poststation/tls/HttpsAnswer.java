package dev.poststation.tls;

import java.net.http.HttpHeaders;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/// What a server has decided, with as much as was kept of what it says about that. Immutable.
///
/// @param body its beginning, or less where it broke off
/// @param sslSession empty: none, or the body broke off at once
public record HttpsAnswer(
    int statusCode, HttpHeaders headers, byte[] body, Optional<SSLSession> sslSession) {}

package dev.poststation.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a token server gave (RFC 6749 5.1). Its texts never show what is secret.
///
/// @param accessToken what a next hop takes
/// @param lasts how long
/// @param refreshToken for the next time, where it gave one
public record Granted(String accessToken, Duration lasts, @Nullable String refreshToken) {
  @Override
  public String toString() {
    return "***";
  }
}

package dev.poststation.config;

/// What of a connector sends mail on to the next one of its route at once.
public enum Fallback {
  /// No host is known, takes the connection, talks to us, has the TLS that is asked for, stays
  /// until it has answered MAIL, or has what the mail needs.
  CONNECTION,
  /// We cannot log in, or have no token to do so.
  AUTH,
  /// The host answers MAIL with 4yz: it takes no mail from us, or from this sender, now.
  MAIL_4YZ,
  /// The host answers anything with 4yz, also a recipient or the content.
  ANY_4YZ,
  /// A quota of the connector is used up.
  QUOTA,
  /// All connections that the connector may have carry mail, and the next one has a free one.
  BUSY
}

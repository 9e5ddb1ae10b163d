package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

/// The envelope as fields in front of the header of a mail, for files that have no other place for
/// it. Lines end with LF. Pure functions.
final class EnvelopeFields {
  private EnvelopeFields() {}

  static byte[] of(About about) {
    var out = new StringBuilder(300);
    out.append("Return-Path: <").append(about.sender()).append(">\n");
    for (String recipient : about.recipients()) {
      out.append("X-Envelope-To: <").append(recipient).append(">\n");
    }
    out.append("X-Archived: id=").append(about.id());
    out.append("; service=").append(about.service()).append("; copy=").append(about.copy());
    if (!about.direction().isEmpty()) {
      out.append("; direction=").append(about.direction());
    }
    return out.append('\n').toString().getBytes(UTF_8);
  }
}

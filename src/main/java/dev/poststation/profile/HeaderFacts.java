package dev.poststation.profile;

import java.util.List;

/// What is looked at of the header of a mail. What is missing is empty. Immutable.
///
/// @param names of the first fields, as they are written
/// @param mailer X-Mailer or User-Agent, whichever comes first
public record HeaderFacts(
    List<String> names, String mailer, String date, String messageId, String contentType) {
  public HeaderFacts {
    names = List.copyOf(names);
  }
}

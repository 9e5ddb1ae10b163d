package dev.poststation.archive;

import java.util.List;

/// What is told of a mail in the archive, besides its content. Immutable.
///
/// @param id its queue id
/// @param service which entry of `content` has it archived
/// @param copy which copy it is: `plain` or `sent`
/// @param sender of the envelope; empty: the null one
/// @param recipients of the envelope, all of them
/// @param unnamed those of them whom no field of the header names: blind copies, members of lists
/// @param client which entry of `clients` let it in
/// @param address from where
/// @param hello how the client greeted
/// @param protocol by which it came
/// @param user as whom the client logged in; empty: it did not
/// @param direction `inbound`, `outbound` or `internal`; empty: not known
/// @param messageId as it stands in the header
/// @param subject the same, as people read it
/// @param date as it stands in the header
public record About(
    String id,
    String service,
    String copy,
    String sender,
    List<String> recipients,
    List<String> unnamed,
    String client,
    String address,
    String hello,
    String protocol,
    String user,
    String direction,
    String messageId,
    String subject,
    String date) {
  public About {
    recipients = List.copyOf(recipients);
    unnamed = List.copyOf(unnamed);
  }
}

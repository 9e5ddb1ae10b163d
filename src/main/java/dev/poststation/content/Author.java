package dev.poststation.content;

import dev.poststation.message.HeaderAddresses;
import dev.poststation.smtp.Address;
import java.util.Optional;

/// Who has written a mail, as its From says. Immutable.
///
/// @param address empty: it does not say so in one way, and a reader might be shown somebody else
/// @param objection why it is empty, a clause
record Author(Optional<Address> address, String objection) {
  static Author of(Message message) {
    var froms =
        message.fields().fields().stream().filter(each -> each.name().equals("from")).toList();
    if (froms.size() != 1) { // RFC 5322 3.6
      return nobody(froms.isEmpty() ? "it has no From" : "it has " + froms.size() + " fields From");
    }
    var from = froms.getFirst();
    // All of it, however long: behind what somebody cuts off another author may stand.
    var authors = HeaderAddresses.mailboxes(from.raw(message.header()));
    if (authors.isEmpty()) {
      return nobody("the address in From cannot be understood");
    }
    return authors.get().size() == 1
        ? new Author(Optional.of(authors.get().getFirst().address()), "")
        : nobody("From names " + authors.get().size() + " authors");
  }

  private static Author nobody(String objection) {
    return new Author(Optional.empty(), objection);
  }
}

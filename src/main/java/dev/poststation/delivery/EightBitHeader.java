package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;

/// Looks for octets above 127 in the header of a mail. Pure functions.
final class EightBitHeader {
  private EightBitHeader() {}

  static boolean hasEightBit(Mail mail, Content content) throws UnreadableContentException {
    for (byte b : mail.trace()) {
      if (b < 0) {
        return true;
      }
    }
    int matched = 2; // An empty line at the very beginning ends the header, too.
    for (int i = 0; i < content.chunks(); i++) {
      for (byte b : Payload.chunk(content, i)) {
        if (b < 0) {
          return true;
        }
        if (b == '\r') {
          matched = matched == 2 ? 3 : 1;
        } else if (b == '\n' && (matched & 1) == 1) {
          if (matched == 3) {
            return false;
          }
          matched = 2;
        } else {
          matched = 0;
        }
      }
    }
    return false;
  }
}

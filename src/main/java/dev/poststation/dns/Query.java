package dev.poststation.dns;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/// A question as it goes over the wire, and which octets are an answer to it. Immutable.
final class Query {
  /// What fits through nearly every path without fragments (DNS flag day 2020).
  private static final int EDNS_SIZE = 1232;

  private static final int QR_BIT = 0x80;
  private static final int RCODE_BITS = 0x0f;

  private final byte[] wire;
  private final int questionEnd;

  /// What is asked for besides the answer.
  enum Proof {
    /// Nothing.
    NONE,
    /// Whether the server has proven it (RFC 6840 5.7).
    WORD,
    /// The signatures, also those that the server would not accept (RFC 4035 4.9).
    SIGNATURES
  }

  /// @param id from 0 to 65535, which nobody can guess
  /// @param edns whether to say that answers may have more than 512 octets (RFC 6891)
  Query(Question question, int id, boolean edns, Proof proof) {
    var message = new Message(id);
    message.getHeader().setOpcode(Opcode.QUERY);
    message.getHeader().setFlag(Flags.RD);
    switch (proof) {
      case NONE -> {}
      case WORD -> message.getHeader().setFlag(Flags.AD);
      case SIGNATURES -> message.getHeader().setFlag(Flags.CD);
    }
    message.addRecord(
        Record.newRecord(question.name(), question.type(), DClass.IN), Section.QUESTION);
    this.questionEnd = message.toWire().length;
    if (edns) {
      int flags = proof == Proof.SIGNATURES ? ExtendedFlags.DO : 0;
      message.addRecord(new OPTRecord(EDNS_SIZE, 0, 0, flags), Section.ADDITIONAL);
    }
    this.wire = message.toWire();
  }

  byte[] wire() {
    return wire.clone();
  }

  /// Whether this is an answer to this very question: same id, same question (RFC 5452 9.1). A
  /// server that did not understand us may leave the question out.
  boolean isAnsweredBy(byte[] octets) {
    if (octets.length < Header.LENGTH || octets[0] != wire[0] || octets[1] != wire[1]) {
      return false;
    }
    if ((octets[2] & QR_BIT) == 0 || octets[4] != 0) {
      return false;
    }
    if (octets[5] == 0) {
      int rcode = octets[3] & RCODE_BITS;
      return rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN;
    }
    if (octets[5] != 1 || octets.length < questionEnd) {
      return false;
    }
    for (int i = Header.LENGTH; i < questionEnd; i++) {
      if (lower(octets[i]) != lower(wire[i])) {
        return false;
      }
    }
    return true;
  }

  private static int lower(byte octet) {
    return octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
  }

  /// The message in the octets, or null when it is damaged.
  static @Nullable Message parse(byte[] octets) {
    try {
      return new Message(octets);
    } catch (IOException | RuntimeException _) {
      return null; // The octets are a stranger's, and the parser is wide: whatever it throws is his
      // fault.
    }
  }
}

package dev.poststation.milter;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What mail server and milter have agreed upon (SMFIC_OPTNEG). Immutable, safe for any thread.
///
/// @param version of the protocol, 2 to 6
/// @param actions what the milter may change
/// @param protocol which stages it does not want to hear of, or does not answer
/// @param macros which it wants at a stage, where it has said so
record Terms(int version, int actions, int protocol, Map<Stage, List<String>> macros) {
  /// The version that we speak.
  static final int VERSION = 6;

  /// Older milters than those of Sendmail 8.10 speak less.
  private static final int VERSION_MIN = 2;

  static final int ADD_HEADERS = 0x1;
  static final int CHANGE_BODY = 0x2;
  static final int ADD_RECIPIENTS = 0x4;
  static final int REMOVE_RECIPIENTS = 0x8;
  static final int CHANGE_HEADERS = 0x10;
  static final int QUARANTINE = 0x20;
  static final int CHANGE_SENDER = 0x40;
  static final int ADD_RECIPIENTS_WITH_PARAMETERS = 0x80;
  static final int SET_MACROS = 0x100;

  /// All that a milter can do to a mail.
  static final int EVERYTHING = 0x1FF;

  /// What one may that only looks.
  static final int ONLY_LOOKS = QUARANTINE | SET_MACROS;

  static final int NO_CONNECT = 0x1;
  static final int NO_HELO = 0x2;
  static final int NO_MAIL = 0x4;
  static final int NO_RCPT = 0x8;
  static final int NO_BODY = 0x10;
  static final int NO_HEADER = 0x20;
  static final int NO_END_OF_HEADER = 0x40;
  static final int NO_REPLY_HEADER = 0x80;
  static final int NO_UNKNOWN = 0x100;
  static final int NO_DATA = 0x200;

  /// It may say that it has seen enough of the body.
  static final int SKIP = 0x400;

  /// It wants to hear of recipients that are refused, too.
  static final int REFUSED_RECIPIENTS = 0x800;

  static final int NO_REPLY_CONNECT = 0x1000;
  static final int NO_REPLY_HELO = 0x2000;
  static final int NO_REPLY_MAIL = 0x4000;
  static final int NO_REPLY_RCPT = 0x8000;
  static final int NO_REPLY_DATA = 0x10000;
  static final int NO_REPLY_UNKNOWN = 0x20000;
  static final int NO_REPLY_END_OF_HEADER = 0x40000;
  static final int NO_REPLY_BODY = 0x80000;

  /// White space between a field's colon and its text is part of the text.
  static final int LEADING_SPACE = 0x100000;

  /// All that we can do for a milter.
  static final int OFFERED = 0x1FFFFF;

  private static final int NUMBERS = 3 * Integer.BYTES;
  private static final int MACROS_MAX = 100;

  /// What we say first.
  static byte[] offer(int actions) {
    return ByteBuffer.allocate(NUMBERS).putInt(VERSION).putInt(actions).putInt(OFFERED).array();
  }

  /// What the milter answers.
  ///
  /// @param offered what it may change
  /// @throws ProtocolException where we cannot keep to it
  static Terms of(byte[] answer, int offered) throws ProtocolException {
    if (answer.length < NUMBERS) {
      throw new ProtocolException("the milter's answer to the offer is cut off");
    }
    var in = ByteBuffer.wrap(answer);
    int version = in.getInt();
    int actions = in.getInt();
    int protocol = in.getInt();
    if (version < VERSION_MIN || version > VERSION) {
      throw new ProtocolException(
          "the milter speaks version "
              + version
              + " of the protocol, and we speak "
              + VERSION_MIN
              + " to "
              + VERSION);
    }
    int unknown = protocol & ~OFFERED;
    if (unknown != 0) {
      // It could be one of those after which it does not answer: we would wait for ever.
      throw new ProtocolException(
          "the milter wants what it was not offered: protocol flags 0x"
              + Integer.toHexString(unknown));
    }
    return new Terms(version, actions & offered, protocol, macros(in));
  }

  private static Map<Stage, List<String>> macros(ByteBuffer in) throws ProtocolException {
    Map<Stage, List<String>> macros = new EnumMap<>(Stage.class);
    while (in.remaining() > Integer.BYTES) {
      var stage = Stage.numbered(in.getInt());
      byte[] rest = new byte[in.remaining()];
      in.get(in.position(), rest);
      String names = Frames.text(rest, 0);
      in.position(in.position() + Math.min(rest.length, Frames.end(rest, 0) + 1));
      if (stage == null) {
        throw new ProtocolException("the milter wants macros at a stage that there is not");
      }
      macros.put(
          stage, names.isBlank() ? List.of() : List.of(names.strip().split("[ ,\t]+", MACROS_MAX)));
    }
    return macros;
  }

  boolean has(int flag) {
    return (protocol & flag) != 0;
  }

  /// Whether the milter hears of a stage.
  boolean hears(Stage stage) {
    return version >= stage.since && !has(stage.no);
  }

  /// Whether it answers at a stage.
  boolean answers(Stage stage) {
    return !has(stage.noReply);
  }

  /// What it is told at a stage.
  List<String> macrosAt(Stage stage) {
    var asked = macros.get(stage);
    return asked == null ? stage.macros() : asked;
  }
}

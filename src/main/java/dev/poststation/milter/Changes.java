package dev.poststation.milter;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads what a milter changes. Pure functions.
final class Changes {
  private Changes() {}

  /// The change in a packet.
  ///
  /// @param leadingSpace whether the texts of fields begin behind the colon
  /// @return null: it is no change
  static @Nullable Change read(Frames.Packet packet, boolean leadingSpace) {
    byte[] in = packet.content();
    int second = Frames.end(in, 0) + 1;
    return switch (packet.letter()) {
      case 'h' -> new Change.AddField(Frames.octets(in, 0), value(in, second, leadingSpace));
      case 'i' -> {
        int behind = Frames.end(in, Integer.BYTES) + 1;
        yield new Change.InsertField(
            number(in), Frames.octets(in, Integer.BYTES), value(in, behind, leadingSpace));
      }
      case 'm' -> {
        int behind = Frames.end(in, Integer.BYTES) + 1;
        boolean removed = Frames.octets(in, behind).isEmpty();
        yield new Change.ChangeField(
            number(in),
            Frames.octets(in, Integer.BYTES),
            removed ? "" : value(in, behind, leadingSpace));
      }
      case 'e' -> new Change.ChangeSender(Frames.text(in, 0), Frames.text(in, second));
      case '+' -> new Change.AddRecipient(Frames.text(in, 0), "");
      case '2' -> new Change.AddRecipient(Frames.text(in, 0), Frames.text(in, second));
      case '-' -> new Change.RemoveRecipient(Frames.text(in, 0));
      case 'q' -> new Change.Quarantine(Frames.text(in, 0));
      case 'b' -> new Change.ReplaceBody(in);
      default -> null;
    };
  }

  private static int number(byte[] in) {
    return in.length < Integer.BYTES ? 0 : ByteBuffer.wrap(in).getInt();
  }

  private static String value(byte[] in, int from, boolean leadingSpace) {
    String value = Frames.octets(in, from);
    return leadingSpace ? value : " " + value;
  }

  /// Whether a milter may, by what was agreed upon.
  static boolean allowed(Change change, int actions) {
    int needed =
        switch (change) {
          case Change.AddField _, Change.InsertField _ -> Terms.ADD_HEADERS | Terms.CHANGE_HEADERS;
          case Change.ChangeField _ -> Terms.CHANGE_HEADERS;
          case Change.ChangeSender _ -> Terms.CHANGE_SENDER;
          case Change.AddRecipient _ -> Terms.ADD_RECIPIENTS | Terms.ADD_RECIPIENTS_WITH_PARAMETERS;
          case Change.RemoveRecipient _ -> Terms.REMOVE_RECIPIENTS;
          case Change.Quarantine _ -> Terms.QUARANTINE;
          case Change.ReplaceBody _ -> Terms.CHANGE_BODY;
        };
    return (actions & needed) != 0;
  }
}

package dev.poststation.attachments;

import dev.poststation.config.AttachmentsService;
import dev.poststation.config.NamePattern;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.mime.TooComplexException;
import dev.poststation.os.Permits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Looks at the files of one mail. Confined to one thread.
public final class Inspection {
  /// More of a name is not looked at.
  private static final int NAME_MAX = 500;

  /// What Windows drops at the end of a name.
  private static final String DROPPED = ". \0";

  private final AttachmentsService rules;
  private final Budget budget;

  /// A file that is not wanted.
  ///
  /// @param name of the part, as people read it; empty: it has none
  /// @param reason which file, and why
  public record Unwanted(Part part, String name, String reason) {}

  /// Something is wrong with the mail's own octets, not with what is packed in them.
  private static final class Source extends InputStream {
    private final InputStream in;
    private boolean failed;

    Source(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return in.read(into, offset, length);
      } catch (IOException e) {
        failed = true;
        throw e;
      }
    }
  }

  /// For one mail.
  ///
  /// @param late whether the time is over
  /// @param turn to take much memory, among all mails of the process
  public Inspection(AttachmentsService rules, BooleanSupplier late, Permits.Turn turn) {
    this.rules = rules;
    this.budget = new Budget(late, turn);
  }

  /// All files of a mail that are not wanted.
  ///
  /// @throws TooComplexException when an archive is broken, or too large when it is unpacked
  /// @throws LateException when the time is over
  /// @throws IOException when the spool cannot read the mail
  public List<Unwanted> of(Mime mime) throws IOException, TooComplexException {
    List<Unwanted> all = new ArrayList<>();
    for (Part part : mime.parts()) {
      budget.inTime();
      if (part.isMultipart() && !part.parts().isEmpty()) {
        continue;
      }
      var names = part.names();
      String name = names.isEmpty() ? "" : names.getFirst();
      var reason = byName(names).or(() -> byType(name, part.type()));
      if (reason.isEmpty() && part.parts().isEmpty()) {
        reason = byContent(mime, part, name);
      }
      reason.ifPresent(why -> all.add(new Unwanted(part, name, why)));
    }
    return all;
  }

  private Optional<String> byName(List<String> names) {
    return names.stream().map(this::named).flatMap(Optional::stream).findFirst();
  }

  private Optional<String> byContent(Mime mime, Part part, String name)
      throws IOException, TooComplexException {
    var source = new Source(mime.decoded(part));
    try {
      long most = rules.sizeMax().orElse(Long.MAX_VALUE);
      // Decoded, it is twice as long at most: where it is only line ends without their CR.
      long size = part.end() - part.body() > most / 2 ? size(mime, part) : 0;
      if (size > most) {
        return Optional.of(quoted(name) + " has " + size + " octets");
      }
      return looked(new BufferedInputStream(source, Magic.HEAD), name, 0);
    } catch (Budget.ExceededException _) {
      throw new TooComplexException(
          "its archives have more than " + Budget.OCTETS_MAX + " octets when they are unpacked");
    } catch (IOException e) {
      if (source.failed || e instanceof LateException) {
        throw e;
      }
      throw new TooComplexException(quoted(name) + " cannot be read: " + e.getMessage());
    } catch (RuntimeException e) { // The library trusts some numbers in files.
      throw new TooComplexException(quoted(name) + " cannot be read: " + e);
    }
  }

  private static long size(Mime mime, Part part) throws IOException {
    byte[] window = new byte[Magic.HEAD];
    long size = 0;
    try (var in = mime.decoded(part)) {
      for (int count = in.read(window); count >= 0; count = in.read(window)) {
        size += count;
      }
    }
    return size;
  }

  /// Looks at a file by its octets, and into it.
  Optional<String> looked(InputStream in, String name, int depth)
      throws IOException, TooComplexException {
    in.mark(Magic.HEAD);
    byte[] head = in.readNBytes(Magic.HEAD);
    in.reset();
    var types = Magic.types(head);
    var found =
        types.stream().map(type -> byType(name, type)).flatMap(Optional::stream).findFirst();
    return found.isPresent()
        ? found
        : new Packed(this, rules, budget, name, depth).looked(in, head, types);
  }

  Optional<String> named(String name) {
    String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    int end = file.length();
    while (end > 0 && DROPPED.indexOf(file.charAt(end - 1)) >= 0) {
      end--;
    }
    String bounded = file.substring(Math.max(0, end - NAME_MAX), end);
    for (NamePattern pattern : rules.names()) {
      if (pattern.matches(bounded)) {
        return Optional.of(quoted(bounded) + " is named like " + pattern);
      }
    }
    return Optional.empty();
  }

  private Optional<String> byType(String name, String type) {
    for (NamePattern pattern : rules.types()) {
      if (pattern.matches(type)) {
        return Optional.of(quoted(name) + " is of type " + type);
      }
    }
    return Optional.empty();
  }

  /// For a line of the log, and a person.
  static String quoted(String name) {
    String readable = name.replaceAll("[\\p{Cntrl}\\u202A-\\u202E\\u2066-\\u2069]", "?");
    return readable.isEmpty() ? "a part without a name" : "\"" + readable + "\"";
  }
}

package dev.poststation.bounce;

import dev.poststation.message.QueueId;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Xtext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;

/// What a delivery status notification of somebody else says (RFC 3464, RFC 6533), read from a
/// mail. Immutable; anybody may have written it.
///
/// @param failures recipients that were given up
/// @param ids what may be the queue ids of the mail at those through whom it went, as the header
///   says that came back with it
public record StatusReport(List<Failure> failures, Set<QueueId> ids) {
  private static final int PART_MAX = 64 * 1024;
  private static final int FAILURES_MAX = 100;
  private static final int SAID_MAX = 200;
  private static final int IDS_MAX = 20;

  /// RFC 3464 2.1, RFC 6533 4.
  private static final Set<String> STATUS =
      Set.of("message/delivery-status", "message/global-delivery-status");

  /// What the library does not take apart: the header alone, and mail that it does not know as such
  /// (RFC 6532 3.7).
  private static final Set<String> HEADER =
      Set.of("text/rfc822-headers", "message/global-headers", "message/global");

  private static final Pattern ID = Pattern.compile("(?i)\\bid\\s+([0-9A-Z]+)\\b");
  private static final Pattern FIELD = Pattern.compile("(?s)([!-9;-~]+):(.*)");

  public StatusReport {
    failures = List.copyOf(failures);
    ids = Set.copyOf(ids);
  }

  /// A recipient for whom somebody has given up.
  ///
  /// @param recipients the one that it was addressed to at last, and the one that it was at first
  /// @param diagnostic what a host said to it, or empty
  public record Failure(List<Address> recipients, EnhancedStatus status, String diagnostic) {
    public Failure {
      recipients = List.copyOf(recipients);
    }
  }

  /// Reads one; empty: it is none, or none that can be read.
  ///
  /// @param mail its beginning at least
  public static Optional<StatusReport> read(byte[] mail) {
    List<Failure> failures = new ArrayList<>();
    Set<QueueId> ids = new LinkedHashSet<>();
    var config = MimeConfig.custom().setMaxHeaderCount(-1).setMaxLineLen(-1).build();
    var stream = new MimeTokenStream(config);
    stream.parse(new ByteArrayInputStream(mail));
    try {
      for (var state = stream.getState();
          state != EntityState.T_END_OF_STREAM;
          state = stream.next()) {
        boolean returned = !failures.isEmpty();
        switch (state) {
          case T_FIELD -> {
            var field = stream.getField();
            if (returned && field.getName().equalsIgnoreCase("Received")) {
              collect(field.getBody(), ids);
            }
          }
          case T_BODY -> {
            String type = stream.getBodyDescriptor().getMimeType();
            if (STATUS.contains(type) && !returned) {
              groups(text(stream)).forEach(each -> failure(each).ifPresent(failures::add));
            } else if (HEADER.contains(type) && returned) {
              lines(text(stream)).stream()
                  .dropWhile(String::isEmpty)
                  .takeWhile(line -> !line.isEmpty()) // A body may follow.
                  .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("received:"))
                  .forEach(line -> collect(line, ids));
            }
          }
          default -> {}
        }
      }
    } catch (MimeException | IOException _) {
      // What was read until then counts: only its beginning may be here.
    }
    return failures.isEmpty() || ids.isEmpty()
        ? Optional.empty()
        : Optional.of(new StatusReport(failures.stream().limit(FAILURES_MAX).toList(), ids));
  }

  private static String text(MimeTokenStream stream) throws IOException {
    return new String(stream.getDecodedInputStream().readNBytes(PART_MAX), StandardCharsets.UTF_8);
  }

  private static void collect(String received, Set<QueueId> ids) {
    var found = ID.matcher(received);
    while (found.find() && ids.size() < IDS_MAX) {
      QueueId.parse(found.group(1)).ifPresent(ids::add);
    }
  }

  /// Unfolded.
  private static List<String> lines(String text) {
    return List.of(text.replaceAll("\\r?\\n[ \\t]+", " ").split("\\r?\\n", -1));
  }

  private static List<Map<String, String>> groups(String text) {
    List<Map<String, String>> all = new ArrayList<>();
    Map<String, String> group = new LinkedHashMap<>();
    for (String line : lines(text)) {
      var field = FIELD.matcher(line);
      if (line.isBlank()) {
        all.add(group);
        group = new LinkedHashMap<>();
      } else if (field.matches()) {
        group.putIfAbsent(field.group(1).toLowerCase(Locale.ROOT), field.group(2).strip());
      }
    }
    all.add(group);
    return all;
  }

  private static Optional<Failure> failure(Map<String, String> fields) {
    var status =
        EnhancedStatus.parse(fields.getOrDefault("status", "").split("[ (]", 2)[0])
            .filter(each -> each.klass() == 5);
    if (status.isEmpty()
        || !fields.getOrDefault("action", "").toLowerCase(Locale.ROOT).startsWith("failed")) {
      return Optional.empty();
    }
    List<Address> recipients = new ArrayList<>(2);
    for (String which : List.of("final-recipient", "original-recipient")) {
      address(fields.getOrDefault(which, "")).ifPresent(recipients::add);
    }
    return recipients.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Failure(
                recipients, status.get(), said(fields.getOrDefault("diagnostic-code", ""))));
  }

  /// `rfc822; bert@example.net`, or `utf-8; j\x{FC}rgen@example.net` (RFC 6533 3), which may have
  /// its characters as they are.
  private static Optional<Address> address(String field) {
    int semicolon = field.indexOf(';');
    String type = field.substring(0, Math.max(0, semicolon)).strip();
    String text = AddressParser.withoutBrackets(field.substring(semicolon + 1).strip());
    return type.equalsIgnoreCase("utf-8")
        ? Xtext.decodeUtf8Address(text).or(() -> Optional.of(text)).flatMap(AddressParser::parse)
        : AddressParser.parse(text);
  }

  /// `smtp; 550 5.1.1 unknown`.
  private static String said(String field) {
    String words =
        field.substring(field.indexOf(';') + 1).replaceAll("[\\p{Cntrl} ]+", " ").strip();
    return words.substring(0, Math.min(SAID_MAX, words.length()));
  }
}

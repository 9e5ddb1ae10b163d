package dev.poststation.profile;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// What one mail shows of the device that sends it: of each trait its value, made harmless; most
/// have one, recipient domains several. What could not be seen is missing. Immutable.
///
/// @param when it was seen
public record Observation(Instant when, Map<Trait, List<String>> values) {
  private static final int DOMAINS_MAX = 8;

  public Observation {
    var all = new EnumMap<Trait, List<String>>(Trait.class);
    all.putAll(values);
    values = Collections.unmodifiableMap(all);
  }

  /// What is known when MAIL comes.
  public static Observation of(Instant when, SessionFacts seen) {
    var values = new EnumMap<Trait, List<String>>(Trait.class);
    if (seen.hardware() != null) {
      put(values, Trait.HARDWARE, Forms.plain(seen.hardware()));
    }
    put(values, Trait.HELLO, Forms.name(seen.hello()));
    put(values, Trait.GREETING, seen.extended() ? "EHLO" : "HELO");
    put(values, Trait.OPENING, Forms.plain(seen.opening()));
    put(values, Trait.SPELLING, Forms.plain(seen.spelling()));
    if (seen.untilHello() != null) {
      put(values, Trait.TIMING, Classes.TIMING.of(seen.untilHello().toMillis()));
    }
    put(values, Trait.TLS, seen.tls() == null ? "none" : Forms.plain(seen.tls()));
    put(values, Trait.AUTH, seen.login() == null ? "none" : Forms.plain(seen.login()));
    put(values, Trait.PARAMETERS, Forms.plain(seen.parameters()));
    put(values, Trait.SENDER, Forms.plain(seen.sender()).toLowerCase(Locale.ROOT));
    put(values, Trait.HOUR, when.atOffset(ZoneOffset.UTC).getHour());
    return new Observation(when, values);
  }

  /// The same, and what the content showed.
  public Observation and(HeaderFacts header, ContentFacts content) {
    var all = new EnumMap<Trait, List<String>>(Trait.class);
    all.putAll(values);
    put(all, Trait.PIPELINING, content.pipelining() ? "yes" : "no");
    put(all, Trait.LINE_ENDS, content.bareNewlines() ? "bare CR or LF" : "CRLF");
    String mailer = Forms.program(header.mailer());
    put(all, Trait.MAILER, mailer.isEmpty() ? "none" : mailer);
    put(all, Trait.MESSAGE_ID, Forms.messageId(header.messageId()));
    put(all, Trait.DATE, Forms.date(header.date()));
    String day = Forms.day(header.date());
    if (!day.isEmpty()) {
      put(all, Trait.DAY, day);
    }
    put(all, Trait.CONTENT_TYPE, Forms.contentType(header.contentType()));
    String boundary = Forms.boundary(header.contentType());
    if (!boundary.isEmpty()) {
      put(all, Trait.BOUNDARY, boundary);
    }
    put(all, Trait.ORDER, Forms.order(header.names()));
    var domains = new TreeSet<String>();
    for (String domain : content.domains()) {
      domains.add(Forms.plain(domain).toLowerCase(Locale.ROOT));
    }
    all.put(Trait.DOMAINS, domains.stream().limit(DOMAINS_MAX).toList());
    put(all, Trait.RECIPIENTS, Classes.COUNT.of(content.recipients()));
    put(all, Trait.SIZE, Classes.SIZE.of(content.octets()));
    return new Observation(when, all);
  }

  private static void put(Map<Trait, List<String>> in, Trait trait, String value) {
    in.put(trait, List.of(value));
  }

  private static void put(Map<Trait, List<String>> in, Trait trait, int value) {
    put(in, trait, Integer.toString(value));
  }
}

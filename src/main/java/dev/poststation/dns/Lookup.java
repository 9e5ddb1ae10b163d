package dev.poststation.dns;

import dev.poststation.dns.Resolver.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/// Finds the records of a name, through aliases (CNAME). Safe for any thread.
final class Lookup {
  /// Aliases in a row; more is a loop or as good as one.
  private static final int ALIASES_MAX = 10;

  /// Records of an answer that are looked at and kept; nobody needs more, and there are many
  /// answers.
  private static final int RECORDS_MAX = 100;

  private static final Duration FOUND_MAX = Duration.ofHours(1);
  private static final Duration NOTHING_MAX = Duration.ofMinutes(15);
  private static final Duration LEAST = Duration.ofSeconds(1);

  /// How long it holds that nobody knows, or that there is nothing when no SOA says how long (RFC
  /// 2308 5 says not to keep that at all). Long enough that a burst of mail asks once.
  private static final Duration BRIEFLY = Duration.ofSeconds(5);

  private final Asking asked;

  Lookup(Asking asked) {
    this.asked = asked;
  }

  Finding find(Question question) {
    var name = question.name();
    long ttl = FOUND_MAX.toSeconds();
    int aliases = 0;
    boolean secure = true;
    while (true) {
      switch (asked.ask(new Question(name, question.type()))) {
        case Inquiry.Said.Unknown(var reason, _) -> {
          return failed(reason, name);
        }
        case Inquiry.Said.Silence(var reason) -> {
          return failed(reason, name);
        }
        case Inquiry.Said.Known(var message) -> {
          secure &= message.getHeader().getFlag(Flags.AD);
          var alias = aliasOf(name, question.type(), message);
          while (alias != null) {
            if (++aliases > ALIASES_MAX) {
              return failed("too many aliases (CNAME) in a row, or a loop of them", name);
            }
            name = alias.getTarget();
            ttl = Math.min(ttl, alias.getTTL());
            alias = aliasOf(name, question.type(), message);
          }
          var found = recordsOf(name, question.type(), message);
          if (!found.isEmpty()) {
            return found(found, ttl, secure, name);
          }
          // The message ends at an alias without saying what is behind it: ask about that.
          boolean open = aliases > 0 && !name.equals(message.getQuestion().getName());
          if (!open || saysNothing(message)) {
            return nothing(message, ttl, secure, name);
          }
        }
      }
    }
  }

  private static boolean saysNothing(Message message) {
    return message.getRcode() == Rcode.NXDOMAIN || soaOf(message) != null;
  }

  private static @Nullable CNAMERecord aliasOf(Name name, int type, Message message) {
    CNAMERecord alias = null;
    for (Record entry : message.getSection(Section.ANSWER)) {
      if (entry.getName().equals(name)) {
        if (entry.getType() == type) {
          return null;
        }
        alias = entry instanceof CNAMERecord cname ? cname : alias;
      }
    }
    return alias;
  }

  private static List<Record> recordsOf(Name name, int type, Message message) {
    List<Record> records = new ArrayList<>();
    for (Record entry : message.getSection(Section.ANSWER)) {
      if (records.size() < RECORDS_MAX && entry.getType() == type && entry.getName().equals(name)) {
        records.add(entry);
      }
    }
    return records;
  }

  private static @Nullable SOARecord soaOf(Message message) {
    for (Record entry : message.getSection(Section.AUTHORITY)) {
      if (entry instanceof SOARecord soa) {
        return soa;
      }
    }
    return null;
  }

  private static Finding found(List<Record> records, long ttl, boolean secure, Name name) {
    long least = ttl;
    for (Record entry : records) {
      least = Math.min(least, entry.getTTL());
    }
    return new Finding(new Answer.Found<>(records), bounded(least, FOUND_MAX), secure, name);
  }

  /// RFC 2308 2: NXDOMAIN speaks of the last name of the chain, and so does the SOA of an empty
  /// answer.
  private static Finding nothing(Message message, long ttl, boolean secure, Name name) {
    Answer<Record> answer =
        message.getRcode() == Rcode.NXDOMAIN ? new Answer.NoName<>() : new Answer.NoRecord<>();
    var soa = soaOf(message);
    if (soa == null) {
      return new Finding(answer, BRIEFLY, secure, name);
    }
    long negative = Math.min(soa.getTTL(), soa.getMinimum());
    return new Finding(answer, bounded(Math.min(ttl, negative), NOTHING_MAX), secure, name);
  }

  private static Finding failed(String reason, Name name) {
    return new Finding(new Answer.Failed<>(reason), BRIEFLY, false, name);
  }

  private static Duration bounded(long seconds, Duration most) {
    return Duration.ofSeconds(Math.clamp(seconds, LEAST.toSeconds(), most.toSeconds()));
  }
}

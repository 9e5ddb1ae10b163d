package dev.poststation.openpgp;

import dev.poststation.dkim.Octets;
import dev.poststation.dkim.Vouching;
import dev.poststation.dns.Resolver;
import dev.poststation.message.HeaderFields;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.time.Duration;

/// Keeps the keys by which authors want to be written to, as their mail says (Autocrypt Level 1),
/// where their domain vouches for it. Safe for any thread; asks the DNS.
public final class Autocrypt {
  private static final String FIELD = "autocrypt";

  private final Os os;
  private final Resolver resolver;
  private final Keystore keystore;
  private final SealWork work;

  Autocrypt(Os os, Resolver resolver, Keystore keystore, SealWork work) {
    this.os = os;
    this.resolver = resolver;
    this.keystore = keystore;
    this.work = work;
  }

  /// Keeps it.
  ///
  /// @param header all fields of the mail as it came, with CRLF, without the empty line
  /// @param author whom From names, and nobody else
  /// @param atMost behind that no more is asked
  /// @return what was done, a clause; empty: nothing
  public String harvest(byte[] header, Octets body, Address author, Duration atMost) {
    long end = os.time().nanos() + atMost.toNanos();
    if (!keystore.harvested().isOn()) {
      return "";
    }
    var fields =
        HeaderFields.of(header, true).fields().stream()
            .filter(each -> each.name().equals(FIELD))
            .toList();
    if (fields.isEmpty()) {
      return "";
    }
    if (fields.size() > 1) { // Which of them would be his is anybody's guess.
      return "his key is not kept: there are " + fields.size() + " fields Autocrypt";
    }
    try {
      var field = AutocryptField.parse(fields.getFirst().raw(header));
      if (!Names.written(field.address()).equals(Names.of(author))) {
        return "his key is not kept: Autocrypt is of another address than From";
      }
      var vouching = new Vouching(resolver, os.time().now(), () -> os.time().nanos() - end >= 0);
      var objection = vouching.objection(header, body, author.domain(), FIELD);
      if (objection.isPresent()) {
        return "his key in Autocrypt is not kept: " + objection.get();
      }
      var left = Duration.ofNanos(Math.max(0, end - os.time().nanos()));
      return work.work(() -> kept(author, field), left);
    } catch (IOException e) {
      return "his key is not kept: " + e.getMessage(); // The next mail brings it again.
    }
  }

  private String kept(Address author, AutocryptField field) throws IOException {
    return Hostile.read(
        "it cannot be used",
        () -> {
          var all = KeyFile.read(field.key());
          if (all.size() > 1 || all.getFirst().secret() != null) {
            throw new IOException("Autocrypt has something else than one public key");
          }
          var chosen = PublishedKeys.newest(all, Names.of(author), Kept.Origin.HARVESTED, keystore);
          var harvested = keystore.harvested();
          return chosen.key().isPresent()
              ? harvested.keep(author, chosen.key().get())
              : "his key is not kept: " + chosen.why() + harvested.without(author, all.getFirst());
        });
  }
}

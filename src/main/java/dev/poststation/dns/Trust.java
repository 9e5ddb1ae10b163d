package dev.poststation.dns;

import dev.poststation.config.DnsSettings.Dnssec;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// Looks whether the name servers whose word is taken are what `dnssec = trust` takes them for.
/// Safe for any thread; blocking, at most as long as one server may take.
final class Trust {
  static final String NOBODY =
      "dns.dnssec = trust asks name servers of this machine only, and neither dns.servers nor"
          + " /etc/resolv.conf names one";

  private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);
  private static final Question ROOT = new Question(Name.root, Type.NS);

  private final NameServers servers;
  private final Inquiry inquiry;
  private final Dnssec dnssec;
  private final Os os;
  private final AtomicReference<@Nullable Looked> last = new AtomicReference<>();

  private record Looked(List<String> concerns, long at) {}

  Trust(NameServers servers, Inquiry inquiry, Dnssec dnssec, Os os) {
    this.servers = servers;
    this.inquiry = inquiry;
    this.dnssec = dnssec;
    this.os = os;
  }

  /// What an administrator should know, one sentence each; looks at most once a minute.
  List<String> concerns() {
    if (!dnssec.trusts()) {
      return List.of();
    }
    var looked = last.get();
    long now = os.time().nanos();
    if (looked == null || now - looked.at >= BETWEEN_LOOKS.toNanos()) {
      looked = new Looked(List.copyOf(look()), now);
      last.set(looked);
    }
    return looked.concerns;
  }

  private List<String> look() {
    var asked = servers.inOrder();
    if (asked.isEmpty()) {
      return List.of(NOBODY + ": nothing is looked up");
    }
    List<String> concerns = new ArrayList<>();
    for (var server : servers.unheeded()) {
      concerns.add(
          "The name server "
              + IpText.at(server)
              + " is never asked, as dns.dnssec = trust asks those of this machine only; write"
              + " dnssec = validate, or remove it from /etc/resolv.conf");
    }
    List<Supplier<Optional<Boolean>>> questions =
        asked.stream()
            .<Supplier<Optional<Boolean>>>map(server -> () -> inquiry.hasProven(server, ROOT))
            .toList();
    var proven = Together.ask(os.tasks(), "dns-root", questions);
    for (int i = 0; i < asked.size(); i++) {
      if (proven.get(i).isPresent() && !proven.get(i).get()) {
        concerns.add(
            "The name server "
                + IpText.at(asked.get(i))
                + " does not validate (the signed root comes back without AD), as dns.dnssec = "
                + dnssec.word()
                + " wants it: with it there is no DANE; let it validate, or write dnssec ="
                + " validate");
      }
    }
    return concerns;
  }
}

package dev.poststation.policy;

import com.nimbusds.jose.util.JSONArrayUtils;
import dev.poststation.config.Peer;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Where providers publish the networks of their mail servers. Safe for any thread; blocks the
/// calling one.
@FunctionalInterface
public interface PeerSite {
  /// The networks as they are now, as they are written there.
  ///
  /// @throws IOException when they cannot be had; the message is one clause that says why
  List<String> fetch(Peer.Provider provider) throws IOException;

  /// Those of the Internet: Microsoft's web service of endpoints, Google's SPF records.
  static PeerSite of(Resolver resolver, Os os) {
    return provider ->
        switch (provider) {
          case MICROSOFT365 -> microsoft(get(os));
          case GOOGLE -> google(resolver);
        };
  }

  private static String get(Os os) throws IOException {
    byte[] random = new byte[16];
    os.chance().fill(random);
    // The service asks for a name that it has not seen of others, and is used for nothing else.
    var from =
        URI.create(
            "https://endpoints.office.com/endpoints/worldwide?ServiceAreas=Exchange&clientrequestid="
                + UUID.nameUUIDFromBytes(random));
    Executor threads = task -> os.tasks().platform("peer-ranges", task);
    var request = HttpRequest.newBuilder(from).header("Accept", "application/json").build();
    var call =
        new HttpsCall(ClientTls.system(os.disk()), Duration.ofSeconds(30), 1024 * 1024, threads);
    var answer = call.send(request);
    if (answer.statusCode() != 200) {
      throw new IOException(from.getHost() + " answers " + answer.statusCode());
    }
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  /// The networks of the endpoints that speak SMTP: those with port 25 whose names are of Exchange
  /// Online Protection.
  static List<String> microsoft(String json) throws IOException {
    List<String> networks = new ArrayList<>();
    try {
      for (Object each : JSONArrayUtils.parse(json)) {
        if (each instanceof Map<?, ?> endpoint
            && ports(endpoint.get("tcpPorts")).contains("25")
            && texts(endpoint.get("urls")).stream()
                .anyMatch(url -> url.endsWith(".protection.outlook.com"))) {
          networks.addAll(texts(endpoint.get("ips")));
        }
      }
    } catch (ParseException e) {
      throw new IOException("endpoints.office.com answers no JSON", e);
    }
    return networks.stream().distinct().toList();
  }

  private static List<String> ports(@Nullable Object value) {
    return value instanceof String text ? List.of(text.split(" *, *", -1)) : List.of();
  }

  private static List<String> texts(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().filter(String.class::isInstance).map(String.class::cast).toList()
        : List.of();
  }

  /// What `_spf.google.com` includes, and the networks that stand there (RFC 7208 5.6).
  private static List<String> google(Resolver resolver) throws IOException {
    List<String> networks = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of("_spf.google.com"));
    for (int i = 0; i < names.size() && i < 10; i++) { // RFC 7208 4.6.4
      for (String term : spf(resolver, names.get(i)).split(" +", -1)) {
        if (term.startsWith("ip4:") || term.startsWith("ip6:")) {
          networks.add(term.substring(4));
        } else if (term.startsWith("include:") && term.endsWith(".google.com")) {
          names.add(term.substring("include:".length()));
        }
      }
    }
    return networks.stream().distinct().toList();
  }

  private static String spf(Resolver resolver, String name) throws IOException {
    return switch (resolver.texts(name).answer()) {
      case Answer.Found<String>(var texts) ->
          texts.stream()
              .filter(text -> text.startsWith("v=spf1 "))
              .findFirst()
              .orElseThrow(() -> new IOException(name + " has no SPF record"));
      case Answer.NoRecord<String> _, Answer.NoName<String> _ ->
          throw new IOException(name + " has no SPF record");
      case Answer.Failed<String>(var reason) -> throw new IOException(name + ": " + reason);
    };
  }
}

package dev.poststation.sim;

import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.sts.Policies;
import dev.poststation.sts.PolicySite;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Publishes policies of MTA-STS without HTTPS. Safe for any thread.
public final class ToyPolicySite implements PolicySite {
  private final Map<String, String> texts = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile String trouble = "";

  /// A domain publishes a policy from now on.
  public ToyPolicySite publish(String domain, String mode, int maxAge, String... mx) {
    var text = new StringBuilder("version: STSv1\r\nmode: " + mode + "\r\n");
    for (String each : mx) {
      text.append("mx: ").append(each).append("\r\n");
    }
    return text(domain, text + "max_age: " + maxAge + "\r\n");
  }

  /// The same with any text.
  public ToyPolicySite text(String domain, String text) {
    texts.put(domain, text);
    return this;
  }

  /// From now on nobody gets one; empty: they do again.
  public void fails(String why) {
    trouble = why;
  }

  /// The domains that were asked for.
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public String fetch(String domain) throws IOException {
    asked.add(domain);
    if (!trouble.isEmpty()) {
      throw new IOException(trouble);
    }
    String text = texts.get(domain);
    if (text == null) {
      throw new IOException("https://mta-sts." + domain + " answers 404");
    }
    return text;
  }

  /// Policies of which there are none.
  public static Policies none(Resolver resolver, Os os) {
    return Policies.forgetting(resolver, new ToyPolicySite(), os);
  }
}

package dev.poststation.openpgp;

import dev.poststation.config.WebKeyDirectories;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.seal.WebCall;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLException;

/// One question to a Web Key Directory. Safe for any thread; blocks the calling one.
record WebKeyCall(Os os, Resolver resolver, WebKeyDirectories settings) {
  /// Octets of a key; those of people have a tenth.
  private static final int SIZE_MAX = 64 * 1024;

  /// What came of it.
  sealed interface Said {
    /// Keys, in whatever form.
    record Keys(byte[] octets, String from) implements Said {}

    /// There is none.
    ///
    /// @param sure whether the domain has said so; if not, somebody in front of it may have
    record None(String why, boolean sure) implements Said {}

    /// The domain has no such directory.
    record NoDirectory(String why) implements Said {}

    /// Somebody is there who is no such directory, or shows none that can be trusted: it may be
    /// mended soon.
    record Unfit(String why) implements Said {}

    /// Nobody knows now.
    record Silent(String why) implements Said {}
  }

  /// Asks.
  Said ask(WebKeyPlace place, Duration atMost) {
    return switch (resolver.addresses(place.advancedHost())) {
      case Resolver.Answer.Found<InetAddress> _ -> call(place.advanced(), atMost);
      case Resolver.Answer.Failed<InetAddress>(var why) ->
          new Said.Silent(place.advancedHost() + " cannot be looked up: " + why);
      case Resolver.Answer.NoRecord<InetAddress> _, Resolver.Answer.NoName<InetAddress> _ ->
          direct(place, atMost);
    };
  }

  /// The draft forbids this one where the other host exists, whatever that one says.
  private Said direct(WebKeyPlace place, Duration atMost) {
    return switch (resolver.addresses(place.domain())) {
      case Resolver.Answer.Found<InetAddress> _ -> call(place.direct(), atMost);
      case Resolver.Answer.Failed<InetAddress>(var why) ->
          new Said.Silent(place.domain() + " cannot be looked up: " + why);
      case Resolver.Answer.NoRecord<InetAddress> _, Resolver.Answer.NoName<InetAddress> _ ->
          new Said.NoDirectory(place.domain() + " has no web server");
    };
  }

  private Said call(URI to, Duration atMost) {
    var tls = ClientTls.trusting(settings.authorities(), os.disk());
    var call =
        new WebCall(os.network(), resolver, settings.networks(), "openpgp.wkd-networks", tls);
    try {
      return new Said.Keys(call.ask(to, null, "", SIZE_MAX, atMost), to.toString());
    } catch (WebCall.Useless e) {
      return useless(e, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage());
      // A web server without HTTPS, or with a certificate of another name, is what most have.
      boolean says =
          e instanceof WebCall.Within
              || e.getCause() instanceof ConnectException
              || e.getCause() instanceof SSLException;
      return says ? new Said.Unfit(why) : new Said.Silent(why);
    }
  }

  /// Most sites have no such directory, and say so by any status or page that they have. RFC 9110
  /// 15.5.5 and 15.5.11 are for what is not there.
  private static Said useless(WebCall.Useless answer, String why) {
    int status = answer.status();
    if (status >= 500 || status == 429) { // RFC 6585 4: later.
      return new Said.Silent(why);
    }
    return status == 0 ? new Said.Unfit(why) : new Said.None(why, status == 404 || status == 410);
  }
}

package dev.poststation.sasl;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the mechanisms ask of whoever knows the users. Safe for any thread; may take long, for
/// passwords are hashed, and directories are asked. It does on threads of its own what keeps a
/// processor busy, for it is asked on those of the sessions.
///
/// Names come prepared with SASLprep, passwords as the client said them, neither longer than a
/// thousand octets; comparing names is up to the one who is asked.
public interface Accounts {
  /// The reason of most refusals.
  String WRONG = "wrong name or password";

  /// No failed login is answered sooner: to hash a password takes less.
  Duration LEAST_WAIT = Duration.ofMillis(250);

  /// The mechanisms that anybody here could use; none when nobody can log in. Asked at each EHLO,
  /// so it must be at hand.
  Set<Mechanism> mechanisms();

  /// The keys of a user. Somebody who is unknown or disabled gets a salt that is always the same
  /// for his name, and no keys, so that nobody finds out who exists.
  Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException;

  /// Whose password it is; as far as that is possible it takes as long for an unknown user as for a
  /// known one.
  Optional<Login> password(String user, String password) throws UnavailableException;

  /// The same of somebody who is blocked but at home. It is done apart from all others, whom it
  /// would else delay: they would see by that who is at home.
  default Optional<Login> spared(String user, String password) throws UnavailableException {
    return password(user, password);
  }

  /// How long every failed login waits at least, counted from when the password was said, so that
  /// nobody sees by the time for which names there was work to do. To be asked when it has failed.
  default Duration leastWait() {
    return LEAST_WAIT;
  }

  /// A failed login was answered after more than the least wait, as it took so long to look at it.
  default void late(Duration took) {}

  /// Whether it is looked at whether this user has proved, by SCRAM, that he knows the password.
  /// Asked when he has.
  ///
  /// @param user his name as we keep it
  default boolean looks(String user) {
    return true;
  }

  /// The password itself, for CRAM-MD5: only where that is switched on for the user.
  Optional<ClearText> clearText(String user) throws UnavailableException;

  /// Whose certificate it is. The client has shown that it holds the key of the first one; whether
  /// to trust it is decided here.
  ///
  /// @param user the name that the client wants to have, or empty: that of the certificate
  Optional<Login> certificate(List<X509Certificate> chain, String user) throws UnavailableException;

  /// Whose token of OAuth 2 it is.
  ///
  /// @param user the name that the client gave, or empty: that of the token
  TokenAnswer token(String user, String token) throws UnavailableException;

  /// Why a login of this user was refused just now: for the log, never for the client. Takes no
  /// longer than to look at what is at hand.
  String refusal(String user);

  /// Whether we know that somebody for whom another server vouches may not log in here. Asked
  /// before each mail, so it must be at hand: nobody else is asked, for that server has done so.
  ///
  /// @param user the name by which he is vouched for
  default boolean disabled(String user) throws UnavailableException {
    return false;
  }

  /// What is true of the users now, to tell later whether somebody who logs in meanwhile may stay.
  /// Asked when AUTH begins.
  Standing standing();

  /// Whether somebody who logged in may go on.
  @FunctionalInterface
  interface Standing {
    /// Whether the login is as good as it was. Asked before each mail, on the session's thread: it
    /// costs next to nothing as long as no user changes; a directory is asked about its own now and
    /// then.
    boolean holds(Login login);
  }

  /// Whether a login holds that nobody keeps the keys of: somebody else has vouched for it.
  @FunctionalInterface
  interface Lease {
    /// Whether it does now; may wait for whoever has vouched.
    boolean holds();
  }

  /// Who logged in.
  ///
  /// @param user the user's name as we keep it
  /// @param label which of the user's passwords it was, for the log; or empty
  /// @param lease how long that holds; null: as long as [Standing] says
  record Login(String user, String label, @Nullable Lease lease) {
    /// By what we keep ourselves.
    public Login(String user, String label) {
      this(user, label, null);
    }

    /// Who it is, and by what; how long it holds makes no difference.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Login login && user.equals(login.user) && label.equals(login.label);
    }

    @Override
    public int hashCode() {
      return 31 * user.hashCode() + label.hashCode();
    }
  }

  /// What SCRAM needs. All passwords of a user share salt and iterations, so that one proof can be
  /// checked against each.
  ///
  /// @param user the user's name as we keep it
  record Offer(String user, byte[] salt, int iterations, List<Labelled> keys) {
    /// The keys of one password.
    public record Labelled(String label, ScramKeys keys) {}
  }

  /// A password that is kept as it is.
  record ClearText(Login login, String secret) {
    @Override
    public String toString() {
      return login + " ***";
    }
  }

  /// What became of a token.
  sealed interface TokenAnswer {
    /// It is good.
    record Known(Login login) implements TokenAnswer {}

    /// It is not; the client is told so (RFC 7628 3.2.2).
    ///
    /// @param status `invalid_token`, `insufficient_scope` …
    /// @param scope which the client should ask for, or empty
    /// @param configuration the URL of the issuer's OpenID configuration, or empty
    /// @param reason for the log, not for the client
    record Refused(String status, String scope, String configuration, String reason)
        implements TokenAnswer {}
  }
}

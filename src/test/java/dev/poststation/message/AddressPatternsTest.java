package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.smtp.Address;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressPatternsTest {
  private static final Set<AddressPatterns.Kind> ALL = EnumSet.allOf(AddressPatterns.Kind.class);

  private static Address address(String text) {
    if (text.equals("<>")) {
      return Address.NULL;
    }
    int at = text.lastIndexOf('@');
    return at < 0
        ? new Address(text, "")
        : new Address(text.substring(0, at), text.substring(at + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "user@example.com, user@example.com",
    "user@example.com, USER@Example.COM",
    "User@EXAMPLE.com, user@example.com",
    "user@example.com, '\"user\"@example.com'",
    "'\"john doe\"@example.com', '\"John\\ Doe\"@example.com'",
    "'\"a@b\"@example.com', '\"a@b\"@example.com'",
    "example.com, user@example.com",
    "@example.com, user@example.com",
    "@Example.Com., user@example.com",
    ".example.com, user@sub.example.com",
    ".example.com, user@a.b.example.com",
    ".com, user@example.com",
    "bücher.example, user@xn--bcher-kva.example",
    "xn--bcher-kva.example, user@BÜCHER.example",
    ".bücher.example, user@a.xn--bcher-kva.example",
    "jürgen@example.com, JÜRGEN@example.com",
    "ju\u0308rgen@example.com, jürgen@example.com",
    "[192.0.2.1], user@[192.0.2.1]",
    "@[192.0.2.1], user@[192.0.2.1]",
    "[IPv6:2001:db8::1], user@[ipv6:2001:DB8:0::1]",
    "user@[192.0.2.1], user@[192.0.2.1]",
    "[tag:x], user@[TAG:x]",
    "<>, <>",
  })
  void means(String pattern, String address) {
    assertThat(matches(pattern, address(address))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "user@example.com, other@example.com",
    "user@example.com, user@sub.example.com",
    "example.com, user@sub.example.com",
    "example.com, user@badexample.com",
    ".example.com, user@example.com",
    ".example.com, user@badexample.com",
    ".2.1], user@[192.0.2.1]",
    "straße.example, user@strasse.example",
    "example.com, <>",
    "<>, user@example.com",
    "<>, postmaster",
    "example.com, postmaster",
    "postmaster, postmaster",
    "'', user@example.com",
  })
  void doesNotMean(String pattern, String address) {
    assertThat(matches(pattern, address(address))).isFalse();
  }

  @Property
  void domainMeansItsMailboxesAndNoneBelow(
      @ForAll("labels") String local,
      @ForAll("domains") String domain,
      @ForAll("labels") String below) {
    var inside = new Address(local, domain.toUpperCase(Locale.ROOT));
    var under = new Address(local, below + "." + domain);
    assertThat(matches(domain, inside)).isTrue();
    assertThat(matches("@" + domain, inside)).isTrue();
    assertThat(matches(domain, under)).isFalse();
    assertThat(matches("." + domain, inside)).isFalse();
    assertThat(matches("." + domain, under)).isTrue();
    assertThat(matches(local + "@" + domain, inside)).isTrue();
    assertThat(matches(local + "@" + domain, under)).isFalse();
  }

  @Property
  void aListMeansWhatOneOfItsPatternsMeans(
      @ForAll("patterns") String first,
      @ForAll("patterns") String second,
      @ForAll("domains") String domain) {
    var address = new Address("a", domain);
    boolean either = matches(first, address) || matches(second, address);
    assertThat(
            new AddressPatterns(List.of(first, second)).match(AddressPatterns.keysOf(address, ALL)))
        .isEqualTo(either);
  }

  @Property
  void noAddressMakesItThrow(@ForAll String local, @ForAll String domain) {
    AddressPatterns.keysOf(new Address(local, domain), ALL);
    matches(local + "@" + domain, new Address(local, domain));
  }

  private static boolean matches(String pattern, Address address) {
    return new AddressPatterns(List.of(pattern)).match(AddressPatterns.keysOf(address, ALL));
  }

  /// Few letters, so that patterns meet.
  @Provide
  Arbitrary<String> labels() {
    return Arbitraries.strings().withChars("ab").ofMinLength(1).ofMaxLength(2);
  }

  @Provide
  Arbitrary<String> domains() {
    return labels().list().ofMinSize(1).ofMaxSize(4).map(labels -> String.join(".", labels));
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("", "@", ".", "a@")
        .flatMap(prefix -> domains().map(domain -> prefix + domain));
  }
}

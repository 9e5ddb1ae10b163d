package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Who gets a place, and who has to go for it.
class PoolTest {
  private static final long SECOND = 1_000_000_000L;

  private final Pool pool = new Pool();
  private int most = 1000;
  private int mostEach = 2;
  private long now = 100 * SECOND;

  /// A session that waits for a command since it came, unless it is busy.
  private final class Session implements Pool.Guest {
    private final Pool.Place place;
    private final long came = now;
    private boolean busy;
    private boolean gaveWay;

    Session(Pool.Place place) {
      this.place = place;
      place.belongsTo(this);
    }

    @Override
    public @Nullable Long quietSince() {
      return busy ? null : came;
    }

    @Override
    public boolean loggedIn() {
      return false;
    }

    @Override
    public void giveWay() {
      gaveWay = true;
    }

    void end() {
      pool.leave(place);
    }
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private Pool.Answer ask(String client) {
    return pool.enter(address(client), most, mostEach, now);
  }

  private Session enter(String client) {
    var answer = ask(client);
    assertThat(answer).isInstanceOf(Pool.Answer.Welcome.class);
    return new Session(((Pool.Answer.Welcome) answer).place());
  }

  private List<Session> enter(String client, int times) {
    List<Session> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      all.add(enter(client));
    }
    return all;
  }

  @Test
  void eachIpv4AddressIsAClientOfItsOwn() {
    var first = enter("192.0.2.1");
    enter("192.0.2.1");
    assertThat(ask("192.0.2.1")).isInstanceOf(Pool.Answer.TooMany.class);
    enter("192.0.2.2");
    first.end();
    enter("192.0.2.1");
    assertThat(pool.size()).isEqualTo(3);
  }

  @Test
  void allAddressesOfAnIpv6NetworkOf64BitsAreOneClient() {
    var first = enter("2001:db8:0:1::1");
    enter("2001:db8:0:1:ffff::2");
    assertThat(ask("2001:db8:0:1::3")).isInstanceOf(Pool.Answer.TooMany.class);
    enter("2001:db8:0:2::1");
    first.end();
    enter("2001:db8:0:1::4");
  }

  @Test
  void anIpv4AddressIsNoIpv6Network() {
    enter("192.0.2.1", 2);
    enter("0:0:c000:201::1");
  }

  @Test
  void whoIsGoneIsForgotten() {
    for (int i = 0; i < 3; i++) {
      enter("2001:db8::1").end();
    }
    assertThat(pool.size()).isZero();
  }

  @Test
  void aClientWithFewSessionsGetsAPlaceOfTheOneWithMost() {
    most = 6;
    mostEach = 10;
    var greedy = enter("192.0.2.1", 4);
    enter("192.0.2.2", 2);
    greedy.get(0).busy = true;
    var newcomer = enter("192.0.2.3");
    assertThat(greedy)
        .extracting(session -> session.gaveWay)
        .containsExactly(false, true, false, false);
    assertThat(pool.size()).isEqualTo(7); // One of them is about to go.
    greedy.get(1).end();
    assertThat(pool.size()).isEqualTo(6);
    newcomer.end();
    assertThat(pool.size()).isEqualTo(5);
  }

  @Test
  void aClientWithAsManyAsAnyOtherIsToldToComeLater() {
    most = 6;
    mostEach = 10;
    enter("192.0.2.1", 3);
    enter("192.0.2.2", 3);
    assertThat(ask("192.0.2.1")).isInstanceOf(Pool.Answer.Busy.class);
    assertThat(ask("192.0.2.2")).isInstanceOf(Pool.Answer.Busy.class);
    assertThat(ask("192.0.2.3")).isInstanceOf(Pool.Answer.Welcome.class);
  }

  @Test
  void whereEveryClientHasOneTheNextOneWaits() {
    most = 3;
    enter("192.0.2.1");
    enter("192.0.2.2");
    enter("192.0.2.3");
    assertThat(ask("192.0.2.4")).isInstanceOf(Pool.Answer.Full.class);
  }

  @Test
  void aClientAloneWaitsForItself() {
    most = 2;
    mostEach = 10;
    enter("192.0.2.1", 2);
    assertThat(ask("192.0.2.1")).isInstanceOf(Pool.Answer.Full.class);
  }

  @Test
  void whoSaysNothingForTenSecondsMakesRoomForAnybody() {
    most = 2;
    mostEach = 10;
    var first = enter("192.0.2.1");
    now += SECOND;
    var second = enter("192.0.2.2");
    now += 9 * SECOND - 1;
    assertThat(ask("192.0.2.3")).isInstanceOf(Pool.Answer.Full.class);
    now += 1;
    enter("192.0.2.3");
    assertThat(first.gaveWay).isTrue();
    assertThat(second.gaveWay).isFalse();
  }

  @Test
  void whoSendsAMailNeverHasToGo() {
    most = 4;
    mostEach = 10;
    var greedy = enter("192.0.2.1", 4);
    greedy.forEach(session -> session.busy = true);
    now += 100 * SECOND;
    assertThat(ask("192.0.2.2")).isInstanceOf(Pool.Answer.Full.class);
    assertThat(greedy).noneMatch(session -> session.gaveWay);
  }

  @Test
  void thoseWhoAreAboutToGoAreBoundedToo() {
    most = 8;
    mostEach = 100;
    var greedy = enter("192.0.2.1", 8);
    enter("192.0.2.2", 2);
    assertThat(ask("192.0.2.2")).isInstanceOf(Pool.Answer.Full.class);
    assertThat(pool.size()).isEqualTo(10);
    greedy.stream().filter(session -> session.gaveWay).forEach(Session::end);
    enter("192.0.2.2");
    assertThat(pool.size()).isEqualTo(9);
  }

  @Test
  void aFloodFromManyAddressesLeavesAShareToEach() {
    most = 100;
    mostEach = 50;
    for (int i = 1; i <= 10; i++) {
      enter("192.0.2." + i, 10);
    }
    List<Session> good = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      good.add(enter("198.51.100.1"));
    }
    for (int i = 1; i <= 10; i++) {
      assertThat(ask("192.0.2." + i)).isNotInstanceOf(Pool.Answer.Welcome.class);
    }
    assertThat(good).noneMatch(session -> session.gaveWay);
  }
}

package dev.poststation.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Lane;
import dev.poststation.message.QueueId;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  /// Without a backlog.
  private static Admission admission(int mails, int recipients) {
    var admission = new Admission(mails, recipients, () -> {});
    for (Lane lane : List.of(Lane.BULK, Lane.OTHERS, Lane.URGENT)) {
      var backlog = admission.backlog(lane);
      assertThat(backlog).isNotNull();
      admission.read(lane, backlog, QueueId.FIRST, true);
    }
    return admission;
  }

  @Test
  void noMoreMailsAreInMemoryThanFit() {
    var admission = admission(10, 1000);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(1, Lane.OTHERS) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(10);
    assertThat(admission.room()).isZero();
    admission.release(1, Lane.OTHERS);
    assertThat(admission.admitNew(1, Lane.OTHERS)).isTrue();
  }

  @Test
  void noMoreRecipientsAreInMemoryThanFitButAMailAloneAlwaysDoes() {
    var admission = admission(100, 1000);
    assertThat(admission.admitNew(5000, Lane.OTHERS)).as("alone").isTrue();
    assertThat(admission.admitNew(1, Lane.OTHERS)).isFalse();
    assertThat(admission.room()).isZero();
    admission.release(5000, Lane.OTHERS);
    int admitted = 0;
    for (int i = 0; i < 100; i++) {
      admitted += admission.admitNew(300, Lane.OTHERS) ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(3);
  }

  @Test
  void bulkTakesHalfOfTheRoomAndOtherMailFindsTheRest() {
    var admission = admission(10, 1000);
    int bulk = 0;
    for (int i = 0; i < 100; i++) {
      bulk += admission.admitNew(1, Lane.BULK) ? 1 : 0;
    }
    assertThat(bulk).isEqualTo(5);
    assertThat(admission.admitNew(200, Lane.OTHERS)).isTrue();
    assertThat(admission(10, 1000).admitNew(600, Lane.BULK)).as("alone").isTrue();
  }

  @Test
  void aBacklogHoldsUpOnlyWhatIsOfItsLane() {
    var admission = admission(10, 1000);
    admission.joined(new QueueId(5), Lane.BULK);
    assertThat(admission.admitNew(1, Lane.BULK)).isFalse();
    assertThat(admission.admitNew(1, Lane.OTHERS)).isTrue();
    admission.joined(new QueueId(6), Lane.OTHERS);
    assertThat(admission.admitNew(1, Lane.OTHERS)).isFalse();

    var backlog = admission.backlog(Lane.OTHERS);
    assertThat(backlog).isNotNull();
    admission.read(Lane.OTHERS, backlog, new QueueId(6), true);
    assertThat(admission.hasBacklog(Lane.OTHERS)).isFalse();
    assertThat(admission.hasBacklog(Lane.ALL)).isTrue();
    assertThat(admission.admitNew(1, Lane.OTHERS)).isTrue();
    assertThat(admission.admitNew(1, Lane.BULK)).isFalse();
  }

  @Test
  void whatIsUrgentWaitsForNoBacklogButItsOwn() {
    var admission = admission(3, 1000);
    admission.joined(new QueueId(5), Lane.OTHERS);
    assertThat(admission.admitNew(1, Lane.URGENT)).isTrue();
    assertThat(admission.muchRoomForBacklog()).isTrue();
    admission.joined(new QueueId(6), Lane.URGENT);
    assertThat(admission.admitNew(1, Lane.URGENT)).isFalse();
    admission.admitStored(1, Lane.OTHERS);
    admission.admitStored(1, Lane.OTHERS);
    assertThat(admission.muchRoomForBacklog()).isFalse();

    var backlog = admission.backlog(Lane.URGENT);
    assertThat(backlog).isNotNull();
    assertThat(backlog.after()).isEqualTo(new QueueId(5));
    admission.read(Lane.URGENT, backlog, new QueueId(6), true);
    assertThat(admission.hasBacklog(Lane.URGENT)).isFalse();
    assertThat(admission.hasBacklog(Lane.OTHERS)).isTrue();
  }

  @Test
  void bulkFromTheSpoolTakesNoMoreThanHalfOfTheRoomEither() {
    var admission = admission(100, 10_000);
    assertThat(admission.room(Lane.BULK)).isEqualTo(50);
    for (int i = 0; i < 50; i++) {
      admission.admitStored(1, Lane.BULK);
    }
    assertThat(admission.room(Lane.BULK)).isZero();
    assertThat(admission.room(Lane.OTHERS)).isEqualTo(50);
    admission.release(1, Lane.BULK);
    assertThat(admission.room(Lane.BULK)).isEqualTo(1);
  }

  @Test
  void mailsOfBulkWithManyRecipientsLeaveHalfOfTheirRoomToo() {
    var admission = admission(100, 10_000);
    admission.admitStored(5000, Lane.BULK);
    assertThat(admission.room(Lane.BULK)).isZero();
    assertThat(admission.room(Lane.OTHERS)).isEqualTo(99);
    assertThat(admission.admitNew(5000, Lane.OTHERS)).isTrue();
  }

  @Test
  void whereOthersTakeMoreThanHalfBulkStillGetsASixteenth() {
    var admission = admission(160, 16_000);
    for (int i = 0; i < 100; i++) {
      admission.admitStored(1, Lane.OTHERS);
    }
    assertThat(admission.room(Lane.BULK)).isEqualTo(10);
    int bulk = 0;
    for (int i = 0; i < 100; i++) {
      bulk += admission.admitNew(1, Lane.BULK) ? 1 : 0;
    }
    assertThat(bulk).isEqualTo(10);
    assertThat(admission(160, 16_000).room(Lane.BULK)).isEqualTo(80);
    for (int i = 0; i < 50; i++) {
      assertThat(admission.admitNew(1, Lane.OTHERS)).isTrue();
    }
    admission.release(1, Lane.BULK);
    assertThat(admission.room(Lane.BULK)).as("all is full but for one").isEqualTo(1);
  }
}

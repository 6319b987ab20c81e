// Dates as mail writes them.
#include "mapping/date.hpp"

#include <gtest/gtest.h>

TEST(Date, IsRfc5322InUtc)
{
    EXPECT_EQ(mapping::rfc5322_date(0), "Thu, 01 Jan 1970 00:00:00 +0000");
    EXPECT_EQ(mapping::rfc5322_date(951782399), "Mon, 28 Feb 2000 23:59:59 +0000");
    EXPECT_EQ(mapping::rfc5322_date(951782400), "Tue, 29 Feb 2000 00:00:00 +0000");
    EXPECT_EQ(mapping::rfc5322_date(1763775062), "Sat, 22 Nov 2025 01:31:02 +0000");
    EXPECT_EQ(mapping::rfc5322_date(253402300799), "Fri, 31 Dec 9999 23:59:59 +0000");
}

TEST(Date, TimesThatCannotBeWrittenAreTheNearestThatCan)
{
    EXPECT_EQ(mapping::rfc5322_date(-1), mapping::rfc5322_date(0));
    EXPECT_EQ(mapping::rfc5322_date(INT64_MIN), mapping::rfc5322_date(0));
    EXPECT_EQ(mapping::rfc5322_date(INT64_MAX), mapping::rfc5322_date(253402300799));
}

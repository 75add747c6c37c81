// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title A relay gets what was signed for it, once, and not one unit more
contract ClaimTest is Fixture {
    function setUp() public override {
        super.setUp();
        fund(defaultConfig(), 5e6, 1);
    }

    function test_claimBooksAndSettlePays() public {
        bytes32 id = escrow.getChannelId(defaultConfig());
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 1.5e6);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.Claimed(id, relay, 1.5e6, 1.5e6);
        vm.prank(relay);
        escrow.claim(rows);
        vm.assertEq(token.balanceOf(relay), 0, "a claim moves nothing");
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.Settled(relay, TOKEN, thief, 1.5e6);
        vm.prank(thief);
        escrow.settle(relay, TOKEN);
        vm.assertEq(token.balanceOf(relay), 1.5e6, "paid, whoever asked");
        vm.assertEq(balanceOf(defaultConfig()), 5e6, "the balance keeps what was claimed");
        escrow.settle(relay, TOKEN);
        vm.assertEq(token.balanceOf(relay), 1.5e6, "once");
    }

    function test_aReplayAndAnOlderVoucherBookNothing() public {
        claimed(defaultConfig(), 2e6);
        claimed(defaultConfig(), 2e6);
        claimed(defaultConfig(), 1e6);
        (uint128 total,) = escrow.receivers(relay, TOKEN);
        vm.assertEq(total, 2e6, "booked once");
        vm.assertEq(claimedOf(defaultConfig()), 2e6, "never down");
    }

    function test_noMoreThanWasSigned() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6 + 1);
        vm.expectRevert(IBatchSettlement.ClaimExceedsCeiling.selector);
        vm.prank(relay);
        escrow.claim(rows);
        rows[0].voucher.maxClaimableAmount = 2e6 + 1;
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_noMoreThanWasDeposited() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 9e6, 5e6 + 1);
        vm.expectRevert(IBatchSettlement.ClaimExceedsBalance.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_aVoucherOfAnotherChannelIsNotOne() public {
        fund(configOf("another"), 5e6, 2);
        IBatchSettlement.VoucherClaim[] memory rows = voucher(configOf("another"), SESSION_KEY, 2e6, 2e6);
        rows[0].voucher.channel = defaultConfig();
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_theWalletsKeyIsNotTheSessionsKey() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), PAYER_KEY, 2e6, 2e6);
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_withoutASessionKeyTheWalletSigns() public {
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        config.payerAuthorizer = address(0);
        fund(config, 5e6, 2);
        IBatchSettlement.VoucherClaim[] memory rows = voucher(config, PAYER_KEY, 2e6, 2e6);
        vm.prank(relay);
        escrow.claim(rows);
        vm.assertEq(claimedOf(config), 2e6, "booked");
    }

    function test_highSAndShortSignaturesAreRefused() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6);
        bytes memory good = rows[0].signature;
        rows[0].signature = highS(good);
        vm.expectPartialRevert(ECDSA.ECDSAInvalidSignatureS.selector);
        vm.prank(relay);
        escrow.claim(rows);
        rows[0].signature = hex"00";
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 1));
        vm.prank(relay);
        escrow.claim(rows);
        rows[0].signature = good;
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_onlyTheReceiversSideClaims() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6);
        address[3] memory others = [thief, payer, session];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(IBatchSettlement.NotAuthorizedToClaim.selector);
            vm.prank(others[i]);
            escrow.claim(rows);
        }
    }

    function test_anyoneSendsASignedBatch() public {
        fund(configOf("another"), 5e6, 2);
        IBatchSettlement.VoucherClaim[] memory rows = twoRows();
        bytes memory signature = sign(RELAY_KEY, escrow.getClaimBatchDigest(rows));
        vm.prank(thief);
        escrow.claimWithSignature(rows, signature);
        vm.assertEq(claimedOf(defaultConfig()), 2e6, "first row");
        vm.assertEq(claimedOf(configOf("another")), 3e6, "second row");
    }

    function test_aBatchIsClaimedAsSignedOrNotAtAll() public {
        fund(configOf("another"), 5e6, 2);
        IBatchSettlement.VoucherClaim[] memory rows = twoRows();
        bytes memory byThief = sign(THIEF_KEY, escrow.getClaimBatchDigest(rows));
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.claimWithSignature(rows, byThief);
        bytes memory signature = sign(RELAY_KEY, escrow.getClaimBatchDigest(rows));
        rows[1].totalClaimed -= 1;
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.claimWithSignature(rows, signature);
    }

    function test_aBatchHasOneAuthorizer() public {
        IBatchSettlement.ChannelConfig memory foreign = configOf("another");
        foreign.receiverAuthorizer = thief;
        fund(foreign, 5e6, 2);
        IBatchSettlement.VoucherClaim[] memory rows = twoRows();
        rows[1] = voucher(foreign, SESSION_KEY, 3e6, 3e6)[0];
        bytes memory signature = sign(RELAY_KEY, escrow.getClaimBatchDigest(rows));
        vm.expectRevert(IBatchSettlement.NotReceiverAuthorizer.selector);
        escrow.claimWithSignature(rows, signature);
    }

    function test_anEmptyBatchIsNone() public {
        IBatchSettlement.VoucherClaim[] memory none = new IBatchSettlement.VoucherClaim[](0);
        vm.expectRevert(IBatchSettlement.EmptyBatch.selector);
        escrow.claim(none);
        vm.expectRevert(IBatchSettlement.EmptyBatch.selector);
        escrow.claimWithSignature(none, "");
    }

    function test_claimAndRefundInOneTransaction() public {
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6);
        bytes32 id = escrow.getChannelId(defaultConfig());
        bytes memory claimSignature = sign(RELAY_KEY, escrow.getClaimBatchDigest(rows));
        bytes memory refundSignature = sign(RELAY_KEY, escrow.getRefundDigest(id, 0, 3e6));
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(escrow.claimWithSignature, (rows, claimSignature));
        calls[1] = abi.encodeCall(escrow.refundWithSignature, (defaultConfig(), 3e6, 0, refundSignature));
        vm.prank(thief);
        escrow.multicall(calls);
        vm.assertEq(token.balanceOf(payer), 998e6, "the payer has the rest");
        vm.assertEq(claimedOf(defaultConfig()), 2e6, "the relay its part");
    }

    function testFuzz_theRelayGetsTheHighestVoucherAndNoMore(uint64[8] calldata maxima) public {
        uint128 highest = 0;
        for (uint256 i = 0; i < maxima.length; ++i) {
            uint128 maximum = uint128(maxima[i] % 5e6);
            if (maximum > highest) highest = maximum;
            claimed(defaultConfig(), maximum);
        }
        escrow.settle(relay, TOKEN);
        vm.assertEq(token.balanceOf(relay), highest, "paid");
    }

    function testFuzz_noOtherKeyPays(uint256 key, uint128 amount) public {
        key = 1 + (key % (CURVE_ORDER - 1));
        if (vm.addr(key) == session) return;
        amount = 1 + (amount % 5e6);
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), key, amount, amount);
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function twoRows() private view returns (IBatchSettlement.VoucherClaim[] memory rows) {
        rows = new IBatchSettlement.VoucherClaim[](2);
        rows[0] = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6)[0];
        rows[1] = voucher(configOf("another"), SESSION_KEY, 3e6, 3e6)[0];
    }
}

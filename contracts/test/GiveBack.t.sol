// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {TestUSDC} from "../src/TestUSDC.sol";
import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";

/// @title The payer gets back what was not claimed: alone after the delay, at once when the relay agrees
contract GiveBackTest is Fixture {
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        fund(defaultConfig(), 5e6, 1);
        id = escrow.getChannelId(defaultConfig());
    }

    function test_thePayerLeavesAloneAfterTheDelay() public {
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.WithdrawInitiated(id, 5e6, uint40(block.timestamp) + DAY);
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 5e6);

        vm.warp(block.timestamp + DAY - 1);
        vm.expectRevert(IBatchSettlement.WithdrawDelayNotElapsed.selector);
        vm.prank(payer);
        escrow.finalizeWithdraw(defaultConfig());

        vm.warp(block.timestamp + 1);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.WithdrawFinalized(id, payer, 5e6);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.ChannelClosed(id, defaultConfig());
        vm.prank(payer);
        escrow.finalizeWithdraw(defaultConfig());
        vm.assertEq(token.balanceOf(payer), 1_000e6, "all is back");

        vm.expectRevert(IBatchSettlement.WithdrawalNotPending.selector);
        vm.prank(payer);
        escrow.finalizeWithdraw(defaultConfig());
    }

    function test_theSessionKeyLeavesTooButToThePayer() public {
        vm.prank(session);
        escrow.initiateWithdraw(defaultConfig(), 5e6);
        vm.warp(block.timestamp + DAY);
        vm.prank(session);
        escrow.finalizeWithdraw(defaultConfig());
        vm.assertEq(token.balanceOf(session), 0, "nothing for the key");
        vm.assertEq(token.balanceOf(payer), 1_000e6, "all for the payer");
    }

    function test_theRelayClaimsInsideOfTheWindow() public {
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 5e6);
        vm.warp(block.timestamp + DAY);
        claimed(defaultConfig(), 2e6);
        vm.prank(payer);
        escrow.finalizeWithdraw(defaultConfig());
        escrow.settle(relay, TOKEN);
        vm.assertEq(token.balanceOf(relay), 2e6, "the relay its part");
        vm.assertEq(token.balanceOf(payer), 998e6, "the payer the rest");
    }

    function test_afterTheWindowAVoucherIsWorthNothing() public {
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 5e6);
        vm.warp(block.timestamp + DAY);
        vm.prank(payer);
        escrow.finalizeWithdraw(defaultConfig());
        IBatchSettlement.VoucherClaim[] memory rows = voucher(defaultConfig(), SESSION_KEY, 2e6, 2e6);
        vm.expectRevert(IBatchSettlement.ClaimExceedsBalance.selector);
        vm.prank(relay);
        escrow.claim(rows);
    }

    function test_aWithdrawalReachesOnlyWhatIsUnclaimed() public {
        claimed(defaultConfig(), 2e6);
        vm.expectRevert(IBatchSettlement.WithdrawAmountExceedsAvailable.selector);
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 3e6 + 1);
        vm.expectRevert(IBatchSettlement.NothingToWithdraw.selector);
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 0);
    }

    function test_aSecondWithdrawalDoesNotMoveTheClock() public {
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 1e6);
        vm.expectRevert(IBatchSettlement.WithdrawalAlreadyPending.selector);
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 5e6);
    }

    function test_onlyThePayersSideWithdraws() public {
        address[2] memory others = [thief, relay];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(IBatchSettlement.InvalidChannel.selector);
            vm.prank(others[i]);
            escrow.initiateWithdraw(defaultConfig(), 5e6);
        }
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 5e6);
        vm.warp(block.timestamp + DAY);
        vm.expectRevert(IBatchSettlement.NotAuthorizedToFinalizeWithdraw.selector);
        vm.prank(thief);
        escrow.finalizeWithdraw(defaultConfig());
    }

    function test_theRelayGivesBackAtOnce() public {
        claimed(defaultConfig(), 2e6);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.Refunded(id, relay, 3e6);
        vm.prank(relay);
        escrow.refund(defaultConfig(), type(uint128).max);
        vm.assertEq(token.balanceOf(payer), 998e6, "all that was unclaimed");
        vm.assertEq(balanceOf(defaultConfig()), 2e6, "what was claimed stays");
    }

    function test_anyoneSendsASignedRefundOnce() public {
        bytes memory signature = sign(RELAY_KEY, escrow.getRefundDigest(id, 0, 1e6));
        vm.prank(thief);
        escrow.refundWithSignature(defaultConfig(), 1e6, 0, signature);
        vm.assertEq(token.balanceOf(payer), 996e6, "to the payer");
        vm.expectRevert(IBatchSettlement.InvalidRefundNonce.selector);
        escrow.refundWithSignature(defaultConfig(), 1e6, 0, signature);
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.refundWithSignature(defaultConfig(), 1e6, 1, signature);
    }

    function test_aSignedRefundIsOfThatAmountByThatRelay() public {
        bytes memory signature = sign(RELAY_KEY, escrow.getRefundDigest(id, 0, 1e6));
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.refundWithSignature(defaultConfig(), 2e6, 0, signature);
        bytes memory byPayer = sign(PAYER_KEY, escrow.getRefundDigest(id, 0, 1e6));
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.refundWithSignature(defaultConfig(), 1e6, 0, byPayer);
        bytes memory twin = highS(signature);
        vm.expectRevert(IBatchSettlement.InvalidSignature.selector);
        escrow.refundWithSignature(defaultConfig(), 1e6, 0, twin);
    }

    function test_onlyTheReceiversSideRefunds() public {
        address[2] memory others = [thief, payer];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(IBatchSettlement.NotAuthorizedToRefund.selector);
            vm.prank(others[i]);
            escrow.refund(defaultConfig(), 1e6);
        }
        vm.expectRevert(IBatchSettlement.ZeroRefund.selector);
        vm.prank(relay);
        escrow.refund(defaultConfig(), 0);
    }

    function test_theNonceGoesUpEvenWhenNothingIsLeft() public {
        claimed(defaultConfig(), 5e6);
        vm.prank(relay);
        escrow.refund(defaultConfig(), 1e6);
        vm.assertEq(escrow.refundNonce(id), 1, "used");
        vm.assertEq(token.balanceOf(payer), 995e6, "nothing moved");
    }

    function test_aRefundTakesFromThePendingWithdrawal() public {
        vm.prank(payer);
        escrow.initiateWithdraw(defaultConfig(), 3e6);
        vm.prank(relay);
        escrow.refund(defaultConfig(), 1e6);
        (uint128 amount, uint40 initiatedAt) = escrow.pendingWithdrawals(id);
        vm.assertEq(amount, 2e6, "less to withdraw");
        vm.assertEq(initiatedAt, block.timestamp, "same clock");
        vm.prank(relay);
        escrow.refund(defaultConfig(), 2e6);
        (amount, initiatedAt) = escrow.pendingWithdrawals(id);
        vm.assertEq(amount + initiatedAt, 0, "none is pending");
    }

    function test_aFrozenPayerTrapsOnlyItsOwnMoney() public {
        claimed(defaultConfig(), 2e6);
        token.blacklist(payer);
        vm.expectRevert(abi.encodeWithSelector(TestUSDC.BlacklistedAccount.selector, payer));
        vm.prank(relay);
        escrow.refund(defaultConfig(), 1e6);
        escrow.settle(relay, TOKEN);
        vm.assertEq(token.balanceOf(relay), 2e6, "the relay is paid");
    }

    function testFuzz_noDelayIsCutShort(uint40 delay, uint40 waited) public {
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        config.withdrawDelay = uint40(15 minutes + (delay % (30 days - 15 minutes + 1)));
        fund(config, 5e6, 2);
        vm.prank(payer);
        escrow.initiateWithdraw(config, 5e6);
        waited = uint40(waited % (config.withdrawDelay * 2));
        vm.warp(block.timestamp + waited);
        if (waited < config.withdrawDelay) vm.expectRevert(IBatchSettlement.WithdrawDelayNotElapsed.selector);
        vm.prank(payer);
        escrow.finalizeWithdraw(config);
        vm.assertEq(token.balanceOf(payer), waited < config.withdrawDelay ? 990e6 : 995e6, "only then");
    }

    function testFuzz_payerAndRelayShareTheDeposit(uint64 deposited, uint64 earned, uint64 asked) public {
        IBatchSettlement.ChannelConfig memory config = configOf("shared");
        deposited = uint64(1 + (deposited % 900e6));
        earned = uint64(earned % (uint256(deposited) + 1));
        asked = uint64(1 + (asked % uint256(deposited)));
        fund(config, deposited, 2);
        vm.prank(payer);
        escrow.initiateWithdraw(config, asked);
        claimed(config, earned);
        vm.warp(block.timestamp + DAY);
        vm.prank(payer);
        escrow.finalizeWithdraw(config);
        escrow.settle(relay, TOKEN);
        uint256 unclaimed = deposited - earned;
        uint256 back = asked < unclaimed ? asked : unclaimed;
        vm.assertEq(token.balanceOf(relay), earned, "earned");
        vm.assertEq(token.balanceOf(payer), 995e6 - deposited + back, "given back");
        vm.assertEq(balanceOf(config), deposited - back, "left in the channel");
    }
}
